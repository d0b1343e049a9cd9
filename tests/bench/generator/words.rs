//! The words of the invented district: common names and made-up places, and the values that Clever's specification allows.
//!
//! Used by the writers of the generator. Nobody in here is a real person.

/// Given names, not all of them in ASCII.
#[rustfmt::skip]
pub const FIRST_NAMES: &[&str] = &[
    "James", "Mary", "José", "Zoë", "Łukasz", "Ana", "Li", "Wei", "Fatima", "Omar", "Priya", "Arjun", "Noah", "Emma",
    "Liam", "Olivia", "Ava", "Sophia", "Isabella", "Mia", "Amelia", "Harper", "Evelyn", "Abigail", "Emily", "Ella",
    "Elizabeth", "Camila", "Luna", "Sofía", "Avery", "Mila", "Aria", "Scarlett", "Penelope", "Layla", "Chloé",
    "Victoria", "Madison", "Eleanor", "Grace", "Nora", "Riley", "Zoey", "Hannah", "Hazel", "Lily", "Ellie", "Violet",
    "Lillian", "Zoe", "Stella", "Aurora", "Natalie", "Emilia", "Everly", "Leah", "Aubrey", "Willow", "Addison",
    "Lucy", "Audrey", "Bella", "Nova", "Brooklyn", "Paisley", "Savannah", "Claire", "Skylar", "Isla", "Genesis",
    "Naomi", "Elena", "Caroline", "Eliana", "Anna", "Maya", "Valentina", "Ruby", "Kennedy", "Ivy", "Ariana",
    "Aaliyah", "Cora", "Madelyn", "Alice", "Kinsley", "Hailey", "Gabriella", "Allison", "Gianna", "Serenity",
    "Samantha", "Sarah", "Autumn", "Quinn", "Eva", "Piper", "Sophie", "Sadie", "Delilah", "Josephine", "Nevaeh",
    "Adeline", "Arya", "Emery", "Lydia", "Clara", "Vivian", "Madeline", "Peyton", "Julia", "Rylee", "Brielle",
    "Reagan", "Natalia", "Jade", "Athena", "Maria", "Leilani", "Everleigh", "Liliana", "Melanie", "Mackenzie",
    "Hadley", "Raelynn", "Kaylee", "Rose", "Arianna", "Isabelle", "Eden", "Ximena", "Nguyễn", "Björn",
];

/// Family names, with accents, hyphens and apostrophes.
#[rustfmt::skip]
pub const LAST_NAMES: &[&str] = &[
    "Smith", "Johnson", "Williams", "Brown", "Jones", "García", "Miller", "Davis", "Rodríguez", "Martínez",
    "Hernández", "López", "González", "Wilson", "Anderson", "Thomas", "Taylor", "Moore", "Jackson", "Martin", "Lee",
    "Pérez", "Thompson", "White", "Harris", "Sánchez", "Clark", "Ramírez", "Lewis", "Robinson", "Walker", "Young",
    "Allen", "King", "Wright", "Scott", "Torres", "Nguyễn", "Hill", "Flores", "Green", "Adams", "Nelson", "Baker",
    "Hall", "Rivera", "Campbell", "Mitchell", "Carter", "Roberts", "Gómez", "Phillips", "Evans", "Turner", "Díaz",
    "Parker", "Cruz", "Edwards", "Collins", "Reyes", "Stewart", "Morris", "Morales", "Murphy", "Cook", "Rogers",
    "Gutiérrez", "Ortiz", "Morgan", "Cooper", "Peterson", "Bailey", "Reed", "Kelly", "Howard", "Ramos", "Kim", "Cox",
    "Ward", "Richardson", "Watson", "Brooks", "Chávez", "Wood", "James", "Bennett", "Gray", "Mendoza", "Ruiz",
    "Hughes", "Price", "Álvarez", "Castillo", "Sanders", "Patel", "Myers", "Long", "Ross", "Foster", "Jiménez",
    "O'Brien", "Smith-Jones",
];

/// Street names.
#[rustfmt::skip]
pub const STREETS: &[&str] = &[
    "Oak St", "Maple Ave", "Washington Blvd", "2nd St", "Elm Street", "Lakeview Drive", "Martin Luther King Jr Blvd",
    "Park Pl", "Sunset Rd", "Cedar Ct",
];

/// Towns.
#[rustfmt::skip]
pub const CITIES: &[&str] = &[
    "Springfield", "Riverside", "Franklin", "Georgetown", "Clinton", "Fairview", "Greenville", "Cañon City",
    "Madison", "Salem",
];

/// Grades from the lowest.
#[rustfmt::skip]
pub const GRADES: &[&str] = &[
    "PreKindergarten", "Kindergarten", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
];

/// Asian, Black, American Indian, Multiracial, Pacific Islander, White.
#[rustfmt::skip]
pub const RACES: &[&str] = &[
    "A", "B", "I", "M", "P", "W",
];

/// Some of the languages that the specification lists.
#[rustfmt::skip]
pub const LANGUAGES: &[&str] = &[
    "English", "Spanish", "Vietnamese", "Arabic", "Mandarin", "Tagalog", "French", "Somali",
];

/// Free, reduced, no discount.
#[rustfmt::skip]
pub const LUNCHES: &[&str] = &[
    "F", "R", "N",
];

/// What a contact is to a student.
#[rustfmt::skip]
pub const RELATIONSHIPS: &[&str] = &[
    "Parent", "Grandparent", "Aunt/Uncle", "Sibling", "Other",
];

/// Kinds of contacts.
#[rustfmt::skip]
pub const CONTACT_TYPES: &[&str] = &[
    "guardian", "family", "emergency",
];

/// What teachers are.
#[rustfmt::skip]
pub const TITLES: &[&str] = &[
    "Teacher", "Librarian", "Instructional Coach", "Special Education Teacher",
];

/// The specification's subjects.
#[rustfmt::skip]
pub const SUBJECTS: &[&str] = &[
    "English/language arts", "Math", "Science", "Social studies", "Language", "Homeroom/advisory",
    "Interventions/online learning", "Technology and engineering", "PE and health", "Arts and music", "other",
];
