-- What old sets said of an entity that were taken in after the fact: from the day `as_of` on its schools (joined by '; ') and its
-- name, a row only where they differ from the set before.
CREATE TABLE history (
    district INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, as_of TEXT NOT NULL,
    schools TEXT NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (district, kind, number, as_of)
) WITHOUT ROWID;
