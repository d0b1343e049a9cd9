//! The words of a run's JSON: how it ended, where it came from, what is done for a person.
//!
//! Used by `run_report` and everybody who fills one. The words are a contract.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[doc = $vdoc])+ #[serde(rename = $word)] $variant,)+ }
        impl $name {
            /// Every one of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];
            /// The word as it stands in the JSON.
            pub fn word(self) -> &'static str { match self { $(Self::$variant => $word,)+ } }
            /// The one that `word` names.
            pub fn from_word(word: &str) -> Option<Self> { Self::ALL.iter().copied().find(|one| one.word() == word) }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.pad(self.word()) }
        }
    };
}

words! {
    /// How a run ended; there is exactly one.
    Outcome {
        /// Everything was written.
        Applied = "applied",
        /// Part was written, the rest waits for a person.
        AppliedInPart = "applied_in_part",
        /// Everything waits for a person.
        Held = "held",
        /// There was nothing to write.
        NoChange = "no_change",
        /// The set was refused.
        Rejected = "rejected",
        /// The machine failed; nothing was written.
        Failed = "failed",
        /// A newer set came before this one's turn.
        Superseded = "superseded",
        /// A preview: nothing was to be written.
        Preview = "preview",
        /// A check without errors.
        Clean = "clean",
        /// A check with errors.
        Errors = "errors",
    }
}

impl Outcome {
    /// The outcomes of `check`, which is no run.
    pub fn is_check(self) -> bool {
        matches!(self, Self::Clean | Self::Errors)
    }
}

words! {
    /// Where a batch came from.
    Source {
        /// `rosterd ingest` and `preview`.
        CommandLine = "command_line",
        /// A watched folder.
        DropFolder = "drop_folder",
        /// Our SFTP server.
        SftpServer = "sftp_server",
        /// Somebody else's SFTP server.
        SftpPull = "sftp_pull",
        /// The form in a browser.
        WebUpload = "web_upload",
        /// An object store.
        Bucket = "bucket",
        /// Clever's REST API.
        CleverApi = "clever_api",
        /// Old sets.
        Backfill = "backfill",
    }
}

words! {
    /// What is done, or would be done, for one person.
    Action {
        /// A new patron.
        Create = "create",
        /// Fields of a patron change.
        Update = "update",
        /// The person is gone: the patron becomes 4.
        Remove = "remove",
        /// The person is back: the patron becomes 1.
        Reactivate = "reactivate",
        /// A patron is remembered as this person.
        Link = "link",
        /// It waits for a person to approve.
        Hold = "hold",
        /// A person must decide which patron it is.
        Conflict = "conflict",
        /// Values that a run wrote go back to what they were.
        Undo = "undo",
        /// A patron that an undone run created is deleted.
        Delete = "delete",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_names_itself() {
        assert!(Outcome::ALL.iter().all(|one| Outcome::from_word(one.word()) == Some(*one)));
        assert!(Source::ALL.iter().all(|one| Source::from_word(one.word()) == Some(*one)));
        assert!(Action::ALL.iter().all(|one| serde_json::to_value(one).unwrap() == one.word()));
    }
}
