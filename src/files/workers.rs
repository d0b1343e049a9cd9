//! Two workers that share a list of jobs, the largest first, so that one large file does not come last and alone.

use std::sync::Mutex;

/// How many work at a time: two keep a disk and a small machine busy.
const WORKERS: usize = 2;

/// Does `job` for each of `items`, the largest by `size` first, and returns the answers in the order of `items`.
pub fn each<T: Sync, R: Send>(items: &[T], size: impl Fn(&T) -> u64, job: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let mut waiting: Vec<usize> = (0..items.len()).collect();
    waiting.sort_by_key(|&index| size(&items[index]));
    let (waiting, done) = (Mutex::new(waiting), Mutex::new(Vec::new()));
    let work = || {
        while let Some(index) = next(&waiting) {
            let answer = job(&items[index]);
            locked(&done).push((index, answer));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..WORKERS.min(items.len()) {
            scope.spawn(work);
        }
        work();
    });
    in_order(done)
}

/// A function of its own, so that the list is not locked while the job is done.
fn next(waiting: &Mutex<Vec<usize>>) -> Option<usize> {
    locked(waiting).pop()
}

fn in_order<R>(done: Mutex<Vec<(usize, R)>>) -> Vec<R> {
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, answer)| answer).collect()
}

/// A panic of one worker ends the scope anyway; the list itself is never half changed.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers_come_in_the_order_of_the_items() {
        let answers = super::each(&[3_u64, 1, 2, 9, 5], |n| *n, |n| n * 10);
        assert_eq!(answers, [30, 10, 20, 90, 50]);
        assert_eq!(super::each(&[], |n: &u64| *n, |n| *n), [0_u64; 0]);
    }
}
