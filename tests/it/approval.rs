//! What a person decides about what is held: approving, discarding, answering; and what becomes of it later.

mod edges;
mod holds;
mod librarian;
mod limits;
mod questions;
mod rows;
mod school;
mod windows;
