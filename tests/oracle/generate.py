#!/usr/bin/env python3
"""Small invented data sets with seeded mistakes: generate.py SCHEMA_DIR OUT_DIR COUNT [SEED]

Writes OUT_DIR/000 … with the six files under exactly the official headers. A set has between no mistake and a dozen, each of a kind
that Table Schema can express; what was done stands in mistakes.json beside the files, for whoever has to find out why two
verdicts differ. The same seed gives the same bytes. Values come from the schemas, so that a changed schema is tested as well.
"""
import csv
import json
import os
import random
import sys

FIRST = ["Ana", "Bo", "Chloé", "Dewi", "Eun-ji", "Femi", "Goran", "Hana", "Íñigo", "José", "Kofi", "Ló", "Mary Ann", "O'Neil"]
LAST = ["Núñez", "O'Connor", "Smith, Jr.", "Zhang", "Ångström", "Li", "van der Berg", "Doe"]
KINDS = ["schools", "teachers", "staff", "students", "sections", "enrollments"]
WRONG = {
    "enum": ["zzz", "14", "?", "M/F", "nope", "99"],
    "pattern": ["not this", "12", "a@b", "@", "555-12", "x" * 30],
    "date": ["13/45/2012", "02/30/2012", "yesterday", "8/1/12", "2012", "08.01.2012", "00/01/2012", "1/1/20111"],
}


class Maker:
    """One data set: good rows first, then mistakes."""

    def __init__(self, schemas, seed):
        self.random = random.Random(seed)
        self.schemas = schemas
        self.tables = {}
        self.mistakes = []

    def build(self):
        self.good_rows()
        for _ in range(self.random.choice([0, 1, 1, 2, 3, 5, 8, 12])):
            self.random.choice(MISTAKES)(self)
        return self

    # good rows

    def good_rows(self):
        schools = [f"S{n}" for n in range(1, self.random.randint(2, 4))]
        teachers = [f"T{n}" for n in range(1, self.random.randint(3, 6))]
        students = [f"{n:05}" for n in range(1, self.random.randint(6, 14))]
        sections = [f"SEC-{n}" for n in range(1, self.random.randint(3, 6))]
        pick = self.random.choice
        self.table("schools", [{"School_id": school} for school in schools])
        self.table("teachers", [{"Teacher_id": one, "School_id": pick(schools)} for one in teachers])
        self.table("staff", [{"Staff_id": f"A{n}", "School_id": pick(schools)} for n in range(1, 4)])
        self.table("students", [{"Student_id": one, "School_id": pick(schools)} for one in students])
        self.table("sections", [{"Section_id": one, "School_id": pick(schools), "Teacher_id": pick(teachers),
                                 "Teacher_2_id": pick(["", pick(teachers)])} for one in sections])
        pairs = {(pick(sections), student) for student in students for _ in range(2)}
        pairs |= {(section, pick(students)) for section in sections}
        self.table("enrollments", [{"School_id": pick(schools), "Section_id": section, "Student_id": student}
                                   for section, student in sorted(pairs)])

    def table(self, kind, keyed):
        fields = self.schemas[kind]["fields"]
        rows = [[self.value(kind, field, keys, number) for field in fields] for number, keys in enumerate(keyed, 1)]
        self.tables[kind] = ([field["name"] for field in fields], rows)

    def value(self, kind, field, keys, number):
        """A valid cell; optional ones are often blank."""
        name, constraints = field["name"], field.get("constraints", {})
        if name in keys:
            return keys[name]
        if name.startswith("Teacher_") and name.endswith("_id") and kind == "sections" or name == "Password":
            return ""
        if name.startswith("Contact_"):
            return self.contact(field, number)
        if not constraints.get("required") and not constraints.get("unique") and self.random.random() < 0.3:
            return ""
        return self.filled(kind, field, number)

    def contact(self, field, number):
        """All contact cells of a row are filled, or none."""
        return "" if number % 3 == 0 else self.filled("students", field, number)

    def filled(self, kind, field, number):
        name, constraints, normaliser = field["name"], field.get("constraints", {}), field.get("rosterd", {}).get("normalise")
        pick, digits = self.random.choice, lambda count: "".join(self.random.choice("123456789") for _ in range(count))
        if "enum" in constraints:
            return pick(constraints["enum"])
        if field["type"] == "date":
            year, month, day = self.random.randint(2000, 2035), self.random.randint(1, 12), self.random.randint(1, 28)
            return pick([f"{month:02}/{day:02}/{year}", f"{month}/{day}/{year}"])
        if normaliser == "email":
            return f"{kind}{number}.{digits(3)}@example.org"
        if normaliser == "phone":
            return digits(pick([10, 11]))
        if normaliser == "zip":
            return digits(pick([5, 9]))
        if normaliser == "state":
            return pick(["IL", "NY", "CA"])
        if constraints.get("unique"):
            return f"{kind[0].upper()}{number:04}"
        if name == "First_name":
            return pick(FIRST)
        if name == "Last_name":
            return pick(LAST)
        return pick([f"{name} {digits(2)}", "a, b", 'the "best"', "é"])

    # mistakes

    def somewhere(self, fits, kinds=KINDS):
        """A random table, row and column whose field fits; None if there is none."""
        places = [(kind, index) for kind in kinds if self.tables[kind][1]
                  for index, field in enumerate(self.schemas[kind]["fields"])
                  if field["name"] in self.tables[kind][0] and fits(field)]
        if not places:
            return None
        kind, index = self.random.choice(places)
        header, rows = self.tables[kind]
        return kind, self.random.randrange(len(rows)), header.index(self.schemas[kind]["fields"][index]["name"])

    def put(self, what, place, value):
        kind, row, column = place
        header, rows = self.tables[kind]
        if column >= len(rows[row]):
            return
        rows[row][column] = value
        self.mistakes.append({"what": what, "file": f"{kind}.csv", "line": row + 2, "column": header[column]})


def constraint(field, name):
    return field.get("constraints", {}).get(name)


def blank_required(maker):
    place = maker.somewhere(lambda field: constraint(field, "required"))
    if place:
        maker.put("required", place, "")


def wrong_enum(maker):
    place = maker.somewhere(lambda field: constraint(field, "enum"))
    if place:
        maker.put("enum", place, maker.random.choice(WRONG["enum"]))


def wrong_pattern(maker):
    place = maker.somewhere(lambda field: constraint(field, "pattern"))
    if place:
        maker.put("pattern", place, maker.random.choice(WRONG["pattern"]))


def wrong_date(maker):
    place = maker.somewhere(lambda field: field["type"] == "date")
    if place:
        maker.put("type", place, maker.random.choice(WRONG["date"]))


def repeated_unique(maker):
    place = maker.somewhere(lambda field: constraint(field, "unique"))
    if place:
        kind, row, column = place
        other = maker.random.choice(maker.tables[kind][1])
        if column < len(other):
            maker.put("unique", place, other[column])


def repeated_key(maker):
    """A copy of a row at the end: the same key twice."""
    kind = maker.random.choice(KINDS)
    _, rows = maker.tables[kind]
    if rows:
        rows.append(list(maker.random.choice(rows)))
        maker.mistakes.append({"what": "primary_key", "file": f"{kind}.csv", "line": len(rows) + 1, "column": None})


def broken_reference(maker):
    kinds = [kind for kind in KINDS if maker.schemas[kind].get("foreignKeys")]
    kind = maker.random.choice(kinds)
    name = maker.random.choice(maker.schemas[kind]["foreignKeys"])["fields"][0]
    place = maker.somewhere(lambda field: field["name"] == name, [kind])
    if place:
        maker.put("foreign_key", place, maker.random.choice(["nobody", "S0", "T-99", "00000"]))


def missing_column(maker):
    kind = maker.random.choice(KINDS)
    header, rows = maker.tables[kind]
    index = maker.random.randrange(len(header))
    maker.mistakes.append({"what": "column", "file": f"{kind}.csv", "line": 1, "column": header[index]})
    for row in [header, *rows]:
        if index < len(row):
            del row[index]


def cells_of_a_row(maker):
    """A row with a cell too few or too many; never the last row, which would look like a file that was cut off."""
    kind = maker.random.choice(KINDS)
    _, rows = maker.tables[kind]
    if len(rows) < 2:
        return
    row = maker.random.randrange(len(rows) - 1)
    if maker.random.random() < 0.5:
        rows[row].pop()
    else:
        rows[row].append(maker.random.choice(["", "one more"]))
    maker.mistakes.append({"what": "row", "file": f"{kind}.csv", "line": row + 2, "column": None})


def doubled_column(maker):
    kind = maker.random.choice(KINDS)
    header, rows = maker.tables[kind]
    index = maker.random.randrange(len(header))
    for row in [header, *rows]:
        row.append(row[index] if index < len(row) else "")
    maker.mistakes.append({"what": "column_duplicate", "file": f"{kind}.csv", "line": 1, "column": header[index]})


def shuffled_columns(maker):
    kind = maker.random.choice(KINDS)
    header, rows = maker.tables[kind]
    if any(len(row) != len(header) for row in rows):
        return
    order = list(range(len(header)))
    maker.random.shuffle(order)
    maker.tables[kind] = ([header[index] for index in order], [[row[index] for index in order] for row in rows])
    maker.mistakes.append({"what": "order of columns", "file": f"{kind}.csv", "line": 1, "column": None})


# Often the mistakes of cells, seldom those that refuse a whole file.
MISTAKES = [blank_required, wrong_enum, wrong_pattern, wrong_date, repeated_unique, broken_reference] * 4 + [
    repeated_key, repeated_key, shuffled_columns, cells_of_a_row, cells_of_a_row, missing_column, doubled_column]


def write(directory, maker):
    os.makedirs(directory, exist_ok=True)
    for kind, (header, rows) in maker.tables.items():
        with open(os.path.join(directory, f"{kind}.csv"), "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator=maker.random.choice(["\n", "\r\n"]))
            writer.writerows([header, *rows])
    with open(os.path.join(directory, "mistakes.json"), "w", encoding="utf-8") as file:
        json.dump(maker.mistakes, file, indent=1)


def schemas_of(schema_dir):
    schemas = {}
    for kind in KINDS:
        with open(os.path.join(schema_dir, f"{kind}.json"), encoding="utf-8") as file:
            schemas[kind] = json.load(file)
    return schemas


def main():
    schema_dir, out_dir, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    schemas = schemas_of(schema_dir)
    for number in range(count):
        write(os.path.join(out_dir, f"{number:03}"), Maker(schemas, f"{seed}/{number}").build())


if __name__ == "__main__":
    main()
