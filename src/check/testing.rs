//! For tests of this stage: a column made of the JSON that a schema file would hold.

use serde_json::{Value, json};

use crate::roster::schema::{Column, load};

/// The column that `field`, a field of a schema file, describes.
pub fn column(mut field: Value) -> Column {
    field["name"] = json!("Cell");
    let schema = json!({
        "rosterd": {"kind": "schools"},
        "fields": [field, {"name": "Id", "constraints": {"required": true}, "rosterd": {"field": "id"}}],
        "primaryKey": ["Id"],
    });
    let package = json!({"name": "test", "resources": [{"name": "schools", "schema": "schools.json"}]});
    let read = |name: &str| Ok(if name == "schools.json" { schema.to_string() } else { package.to_string() });
    load(&read).expect("a right schema").schemas.remove(0).columns.remove(0)
}
