//! A row with one cell too many: a repair is proposed where exactly one is possible, and never carried out.

use serde_json::{Value, json};

use crate::support::Desk;

/// In the columns Student_email and Gender not everything is allowed; between them stands one column of free text.
const HEADER: &str = "School_id,Student_id,Last_name,First_name,Grade,DOB,Student_email,Contact_name,Gender";

/// Checks a set with these students beside a good one; gives what is said of them.
fn told(row: &str) -> Value {
    let desk = Desk::new();
    desk.copy("sample-csv/bad/unquoted-comma-in-name", "set");
    let good = "11,S01,Adair,Mina,3,01/05/2018,mina.adair@example.org,Greta Adair,F\n".repeat(3);
    desk.write("set/students.csv", format!("{HEADER}\n{good}{row}\n{good}"));
    desk.write("set/enrollments.csv", "School_id,Section_id,Student_id\n");
    let report = desk.line("check set --format json").json();
    let of_rows = report["problems"].as_array().unwrap().iter().filter(|problem| problem["file"] == "students.csv");
    let problems: Vec<&Value> = of_rows.collect();
    assert_eq!(problems.len(), 1, "{report:#}");
    assert_eq!((&problems[0]["code"], &problems[0]["line"]), (&json!("row_too_long"), &json!(5)));
    let students = report["files"].as_array().unwrap().iter().find(|file| file["kind"] == "students").unwrap();
    assert_eq!(students["refused"], json!(1), "it stays refused: {report:#}");
    problems[0].clone()
}

#[track_caller]
fn nothing_is_proposed(row: &str) {
    let problem = told(row);
    let proposal = "Put quotes around cells that contain the separator, such as \"Last, First\".";
    assert_eq!(problem["proposal"], json!(proposal));
}

#[test]
fn where_one_place_alone_makes_every_cell_right_it_is_proposed() {
    let problem = told("11,S04,Dorn,Lena,5,04/08/2016,lena.dorn@example.org,Dorn, Jana,F");
    let proposal = problem["proposal"].as_str().unwrap();
    assert!(proposal.contains("cells 8 and 9 together, \"Dorn, Jana\", are right as Contact_name"), "{proposal}");
    assert_eq!(problem["column"], Value::Null, "the whole row is wrong");
}

#[test]
fn where_two_places_are_possible_nothing_is_proposed() {
    // The comma may belong to the last name as well as to the first.
    nothing_is_proposed("11,S04,Dorn, Jr.,Lena,5,04/08/2016,lena.dorn@example.org,Jana Dorn,F");
}

#[test]
fn where_no_place_makes_the_row_right_nothing_is_proposed() {
    // The grade is none, wherever the comma is.
    nothing_is_proposed("11,S04,Dorn,Lena,first form,04/08/2016,lena.dorn@example.org,Dorn, Jana,F");
}

#[test]
fn where_two_cells_are_too_many_nothing_is_proposed() {
    nothing_is_proposed("11,S04,Dorn,Lena,5,04/08/2016,lena.dorn@example.org,Dorn, Jana, Ms.,F");
}
