//! The service as districts, librarians and operators meet it: files are put into folders, and what came of them lies beside them.

pub mod daemon;
mod folders;
mod life;
mod manifests;
mod queue;
mod soak;
