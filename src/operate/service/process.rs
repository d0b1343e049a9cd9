//! What this process takes from the machine, as Linux tells it in `/proc/self`; and what is left on a disk.

use std::path::Path;

/// Memory and open files of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Process {
    /// Resident memory.
    pub resident_bytes: u64,
    /// Open files, sockets and the like.
    pub open_files: u64,
}

impl Process {
    /// This process now; 0 where the machine does not tell.
    pub fn of_this() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        // The listing itself is one of them.
        let open = std::fs::read_dir("/proc/self/fd").map_or(0, |files| files.count().saturating_sub(1));
        Self { resident_bytes: resident_bytes(&status), open_files: open as u64 }
    }
}

/// The line `VmRSS:     1234 kB` of `/proc/self/status`.
fn resident_bytes(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Bytes that may still be written to the disk of `path`; `None`: nobody knows.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail * disk.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_what_linux_says() {
        assert_eq!(resident_bytes("Name:\trosterd\nVmRSS:\t    1234 kB\nThreads: 3\n"), 1_263_616);
        assert_eq!(resident_bytes(""), 0);
        let process = Process::of_this();
        assert!(process.resident_bytes > 1 << 20 && process.open_files > 2, "{process:?}");
    }

    #[test]
    fn a_disk_that_is_not_there_is_not_full() {
        assert!(free_bytes(Path::new("/")).is_some());
        assert_eq!(free_bytes(Path::new("/nowhere/at/all")), None);
    }
}
