//! Patrons: the library's records, as far as rosterd reads and writes them.

macro_rules! patron_fields {
    ($($(#[doc = $doc:literal])+ $variant:ident = $column:literal,)+) => {
        /// The fields of a patron that a run may write, in the order of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum PatronField { $($(#[doc = $doc])+ $variant,)+ }
        impl PatronField {
            /// Every field.
            pub const ALL: &'static [PatronField] = &[$(PatronField::$variant,)+];
            /// The column of each field.
            pub const COLUMNS: &'static [&'static str] = &[$($column,)+];
            /// The column of the table.
            pub fn column(self) -> &'static str { Self::COLUMNS[self as usize] }
            /// The field that is stored in `column`.
            pub fn from_column(column: &str) -> Option<Self> { Self::ALL.iter().copied().find(|field| field.column() == column) }
        }
    };
}

patron_fields! {
    /// 1200
    Guid = "guid",
    /// student number; of employees the teacher number
    StudentNumber = "student_number",
    /// 1000
    Barcode = "barcode",
    /// 1001
    CommunityId = "community_id",
    /// 1007
    FirstName = "first_name",
    /// 1008
    MiddleName = "middle_name",
    /// 1006
    LastName = "last_name",
    /// 1019
    Email = "email",
    /// 1052
    Username = "username",
    /// `student`, `teacher`, `staff`, `district_admin`, joined by a comma in that order
    Roles = "roles",
    /// 1050
    Site = "site",
    /// 1026: 1 active, 2 card lost, 3 suspended, 4 transferred, 5 inactive, 6 other
    Status = "status",
    /// 1045, ISO
    Birthdate = "birthdate",
    /// 1032
    Sex = "sex",
    /// 1011
    Address = "address",
    /// 1012
    City = "city",
    /// 1013
    State = "state",
    /// 1014
    PostalCode = "postal_code",
    /// 1010, in Clever's words
    Level = "level",
    /// 1049: guardian names
    AdditionalContact = "additional_contact",
    /// 1054: guardian e-mails
    OtherEmails = "other_emails",
    /// given to new patrons, then the library's
    Policy = "policy",
    /// given to new patrons, then the library's
    SecurityGroup = "security_group",
    /// the library's
    Notes = "notes",
}

/// Some patrons by id. A library that was just loaded has a million that were edited, so they are a sorted list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatronIds(Vec<i64>);

impl PatronIds {
    /// Whether `id` is one of them.
    pub fn contains(&self, id: i64) -> bool {
        self.0.binary_search(&id).is_ok()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<i64> for PatronIds {
    fn from_iter<I: IntoIterator<Item = i64>>(ids: I) -> Self {
        let mut ids: Vec<i64> = ids.into_iter().collect();
        ids.sort_unstable();
        Self(ids)
    }
}

/// One patron as it stands in the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patron {
    /// The table's key.
    pub id: i64,
    values: [String; PatronField::COLUMNS.len()],
}

impl Patron {
    /// The value of `field`; NULL is blank.
    pub fn get(&self, field: PatronField) -> &str {
        &self.values[field as usize]
    }

    /// The place of a value, to be filled by whoever reads the table.
    pub fn slot(&mut self, field: PatronField) -> &mut String {
        &mut self.values[field as usize]
    }

    /// Barcodes below 50 belong to the library's system (rule E7).
    pub fn belongs_to_system(&self) -> bool {
        self.get(PatronField::Barcode).trim().parse::<u32>().is_ok_and(|barcode| barcode < 50)
    }
}
