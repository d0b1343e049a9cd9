//! The words of a schema file: which roster field a column feeds, and what normalises its cells.
//!
//! Schema files use the words, `load` reads them, every later stage speaks of the variants.

macro_rules! vocabulary {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $vdoc])+ $variant,)+ }
        impl $name {
            /// Every one, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];
            /// The word as it stands in schema files.
            pub fn word(self) -> &'static str { match self { $($name::$variant => $word,)+ } }
            /// The one that `word` names.
            pub fn from_word(word: &str) -> Option<Self> { Self::ALL.iter().copied().find(|one| one.word() == word) }
        }
    };
}

vocabulary! {
    /// What a column can feed: the fields of the roster. The order is the order of the stored record; append only.
    Field {
        /// The row's own id.
        Id = "id",
        /// The school it belongs to.
        School = "school",
        /// Student number or teacher number; of a school its number.
        Number = "number",
        /// State id.
        StateId = "state_id",
        /// Last name.
        LastName = "last_name",
        /// First name.
        FirstName = "first_name",
        /// Middle name.
        MiddleName = "middle_name",
        /// Grade, in Clever's words.
        Level = "level",
        /// M, F or X.
        Sex = "sex",
        /// Birth date, ISO.
        Birthdate = "birthdate",
        /// Street.
        Address = "address",
        /// City.
        City = "city",
        /// State, two letters.
        State = "state",
        /// ZIP code.
        PostalCode = "postal_code",
        /// E-mail.
        Email = "email",
        /// Second e-mail, where a format has one.
        SecondaryEmail = "secondary_email",
        /// User name.
        Username = "username",
        /// Notes of a new patron.
        Notes = "notes",
        /// Relationship of a contact.
        ContactRelationship = "contact_relationship",
        /// Type of a contact.
        ContactType = "contact_type",
        /// Name of a contact.
        ContactName = "contact_name",
        /// Phone of a contact.
        ContactPhone = "contact_phone",
        /// Phone type of a contact.
        ContactPhoneType = "contact_phone_type",
        /// E-mail of a contact.
        ContactEmail = "contact_email",
        /// Name of a school or section.
        Name = "name",
        /// Course name.
        CourseName = "course_name",
        /// Course number.
        CourseNumber = "course_number",
        /// Period.
        Period = "period",
        /// Subject.
        Subject = "subject",
        /// Grade of a section.
        SectionGrade = "section_grade",
        /// Term name.
        TermName = "term_name",
        /// Term start, ISO.
        TermStart = "term_start",
        /// Term end, ISO.
        TermEnd = "term_end",
        /// Teachers of a section: several columns, the first of them the primary teacher.
        Teacher = "teacher",
        /// The section of an enrollment.
        Section = "section",
        /// The student of an enrollment.
        Student = "student",
        /// Role of a staff member, in the delivering system.
        StaffRole = "staff_role",
    }
}

vocabulary! {
    /// What turns forms seen in the field into the official one. One that does not know a value leaves it to the checks.
    Normaliser {
        /// `01`, `1st`, `K`, `Grade 3`, `6-8` …
        Grade = "grade",
        /// `Male`, `female` …
        Gender = "gender",
        /// Race words.
        Race = "race",
        /// `Yes`, `true`, `1` …
        YesNo = "yes_no",
        /// Lunch status.
        Lunch = "lunch",
        /// The date forms of the settings.
        Date = "date",
        /// Phone numbers: digits only.
        Phone = "phone",
        /// ZIP codes: lost zeros, ZIP+4.
        Zip = "zip",
        /// Trimmed, `mailto:` taken off; the case stays.
        Email = "email",
        /// Subjects.
        Subject = "subject",
        /// Phone types.
        PhoneType = "phone_type",
        /// Two-letter states from their names.
        State = "state",
        /// Words in any case, as the enumeration spells them.
        Word = "word",
    }
}
