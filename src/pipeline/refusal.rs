//! Why a decision cannot be carried out, in sentences for whoever made it.

/// Why a decision cannot be carried out; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The run holds nothing.
    #[error("nothing waits in run {0}; `rosterd runs holds` lists what does")]
    NothingOpen(String),
    /// Somebody was there before.
    #[error("what run {run} held was {decision} already, by {by}; `rosterd runs holds` lists what waits")]
    Decided {
        /// The run.
        run: String,
        /// `approved` or `discarded`.
        decision: String,
        /// Who.
        by: String,
    },
    /// The hash is of something else.
    #[error(
        "{hash} is neither the plan of run {run} nor one of its holds; look at what waits with `rosterd runs holds`, and write \
         the hash that stands there"
    )]
    WrongHash {
        /// The run.
        run: String,
        /// What was written.
        hash: String,
    },
    /// Too late.
    #[error(
        "run {run} asked on {asked}, longer than {days} days ago (guard.approval_days), and too much may have changed since; ingest \
         again, and decide what is asked then"
    )]
    Expired {
        /// The run.
        run: String,
        /// The day of the question.
        asked: String,
        /// The setting.
        days: u32,
    },
    /// People who wait for their school.
    #[error(
        "what run {0} holds waits for its school: map it with `rosterd district site-map`, or deliver it in schools.csv; it cannot \
         be approved or discarded"
    )]
    NeedsSchool(String),
    /// What only waits for a day.
    #[error(
        "nothing of run {0} can be approved or discarded: it waits for the end of windows.blackout, and the first run afterwards \
         applies it"
    )]
    WaitsForTheWindow(String),
    /// The delivery is not kept any more.
    #[error(
        "the copy of the newest delivery is not kept any more, so it cannot be looked at again; ingest it once more, and decide then"
    )]
    CopyGone,
    /// Nothing is applied these days.
    #[error("nothing is applied today (windows.blackout); approve when the window is over")]
    Blackout,
    /// Nobody asked about this person.
    #[error("nobody has asked about {0}; write the person as `rosterd runs holds` lists it, such as students:S004")]
    NoQuestion(String),
    /// Somebody was there before.
    #[error("{person} was answered already: {answer}, by {by}; `rosterd runs holds` lists what is still asked")]
    Answered {
        /// The person.
        person: String,
        /// `link 17`, `create` or `skip`.
        answer: String,
        /// Who.
        by: String,
    },
    /// Not between whom it is to be decided.
    #[error("patron {patron} is no candidate for {person}; the candidates are {candidates}")]
    NoCandidate {
        /// The person.
        person: String,
        /// What was written.
        patron: i64,
        /// The ids of the patrons that could be meant.
        candidates: String,
    },
    /// The patron is somebody's.
    #[error("patron {patron} belongs to {owner}, who is in the roster; one patron is one person")]
    TakenPatron {
        /// What was written.
        patron: i64,
        /// Whose it is.
        owner: String,
    },
}
