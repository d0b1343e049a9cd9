-- Before a delivery is looked at it is asked whether anybody is missing within the grace days; nobody is, on most nights.
CREATE INDEX entities_missing ON entities (state, district, kind) WHERE state = 2;
