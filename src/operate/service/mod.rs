//! The service: what runs day after day without anybody at the keyboard.

pub mod schedule;
