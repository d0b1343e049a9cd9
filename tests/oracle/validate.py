#!/usr/bin/env python3
"""What frictionless says of data sets: validate.py SCHEMA_DIR DATA_DIR...

Prints one JSON object: {"<data dir>": {"errors": [...]}}. Every error is {"file", "line", "column", "kind", "note"};
line counts as a spreadsheet does, the header being line 1; column is null where the whole row or file is meant. Kinds:

  column_missing   a required column is not in the header           (file, column)
  column_duplicate a column stands twice; frictionless stops there  (file)
  row              too few or too many cells                        (file, line)
  required         a required cell is blank                         (file, line, column)
  type, enum, pattern, length, range                                (file, line, column)
  unique           the value stood in an earlier row                (file, line, column)
  primary_key      the key stood in an earlier row, or is blank     (file, line, columns joined by +)
  foreign_key      the row referred to is not there                 (file, line, columns joined by +)
  other            everything else, with frictionless' own type in the note

A resource whose file is not in the data set is left out, and so are the references to it and to a file with a doubled column
(rosterd says "not checked").
"""
import copy
import csv
import json
import multiprocessing
import os
import sys

from frictionless import FrictionlessException, Package, system

CONSTRAINTS = {"required": "required", "unique": "unique", "enum": "enum", "pattern": "pattern", "minLength": "length",
               "maxLength": "length", "minimum": "range", "maximum": "range"}
NO_LIMIT = 1_000_000


def is_doubled(path):
    """Whether a column stands twice in the header, so that frictionless reads nothing of the file nor of those who refer to it."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    return len(set(header)) < len(header)


def package_of(schema_dir, data_dir):
    """The package of the schemas, with the resources that the data set has."""
    with open(os.path.join(schema_dir, "datapackage.json"), encoding="utf-8") as file:
        descriptor = json.load(file)
    present = [resource for resource in descriptor["resources"] if os.path.exists(os.path.join(data_dir, resource["path"]))]
    names = {resource["name"] for resource in present if not is_doubled(os.path.join(data_dir, resource["path"]))}
    for resource in present:
        with open(os.path.join(schema_dir, resource["schema"]), encoding="utf-8") as file:
            schema = json.load(file)
        keys = schema.get("foreignKeys", [])
        schema["foreignKeys"] = [key for key in keys if key["reference"]["resource"] in names]
        resource["schema"] = schema
    return Package.from_descriptor({**descriptor, "resources": copy.deepcopy(present)}, basepath=data_dir)


def kind_and_column(error):
    """The kind and the column of a frictionless error."""
    if error.type == "type-error":
        return "type", error.field_name
    if error.type == "constraint-error":
        return CONSTRAINTS[error.note.split('"')[1]], error.field_name
    if error.type == "unique-error":
        return "unique", error.field_name
    if error.type == "foreign-key":
        return "foreign_key", "+".join(error.field_names)
    if error.type == "primary-key":
        return "primary_key", None
    if error.type == "missing-label":
        return "column_missing", error.field_name
    if error.type in ("extra-cell", "missing-cell"):
        return "row", None
    return "other", None


def errors_of(resource):
    """All errors of one file."""
    key = "+".join(resource.schema.primary_key)
    try:
        report = resource.validate(limit_errors=NO_LIMIT)
    except FrictionlessException as failure:
        return [as_json(resource, None, "other", None, str(failure))]
    found = []
    for task in report.tasks:
        for error in task.errors:
            kind, column = kind_and_column(error)
            note = error.note or error.type
            if "requires unique labels" in error.message:
                kind = "column_duplicate"
            line = getattr(error, "row_number", None)
            found.append(as_json(resource, line, kind, key if kind == "primary_key" else column, f"{error.type}: {note}"))
    return found


def as_json(resource, line, kind, column, note):
    return {"file": resource.path, "line": line, "column": column, "kind": kind, "note": note}


def verdict(places):
    schema_dir, data_dir = places
    with system.use_context(trusted=True):
        package = package_of(schema_dir, data_dir)
        return {"errors": [error for resource in package.resources for error in errors_of(resource)]}


def main():
    schema_dir, data_dirs = sys.argv[1], sys.argv[2:]
    with multiprocessing.Pool() as pool:
        verdicts = pool.map(verdict, [(schema_dir, data_dir) for data_dir in data_dirs])
    json.dump(dict(zip(data_dirs, verdicts)), sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
