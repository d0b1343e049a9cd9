//! `rosterd schema`: the files of a format, and the columns of one, to be sent to a district.
//!
//! Called by `cli::main`. Knows no store: schemas are files, or built in.

use super::args::SchemaCommand;
use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use crate::report::schema_table;
use crate::roster::FileKind;

/// Runs the command.
pub fn run(context: &Context, command: SchemaCommand) -> Result<u8, Failure> {
    match command {
        SchemaCommand::List => list(context)?,
        SchemaCommand::Show { kind } => show(context, kind)?,
    }
    Ok(exit::DONE)
}

fn list(context: &Context) -> Result<(), Failure> {
    let schemas = context.schemas()?;
    match context.is_json() {
        true => context.output.json(&schema_table::list_json(&schemas))?,
        false => context.output.text(&schema_table::list(&schemas))?,
    }
    Ok(())
}

fn show(context: &Context, kind: FileKind) -> Result<(), Failure> {
    let schemas = context.schemas()?;
    let missing =
        || Failure::usage(format!("the format {} has no file of {kind}; see `rosterd schema list`", schemas.name));
    let schema = schemas.of(kind).ok_or_else(missing)?;
    match context.is_json() {
        true => context.output.json(&schema_table::show_json(schema))?,
        false => context.output.text(&schema_table::show(schema))?,
    }
    Ok(())
}
