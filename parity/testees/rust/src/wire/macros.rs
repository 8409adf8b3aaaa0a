//! Declares messages, enums and unions.

/// A message: a struct whose fields each have a `Rule`; what happens to unknown keys, and its literal, if it has one.
///
/// ```ignore
/// message! {
///     pub struct LoadWeightsRequest (Forbid, "type" = "load_weights") {
///         path: String = Rule::new(Always),
///         seq_id: Opt<i64> = Rule::new(OmitOrNull),
///     }
/// }
/// ```
///
/// A literal that is `required` must be there, and every dialect writes it.
#[macro_export]
macro_rules! message {
    ($(#[$meta:meta])* pub struct $name:ident ($unknown:ident $(, $key:literal = $literal:literal $($required:ident)?)?) {
        $($(#[$field_meta:meta])* $field:ident: $type:ty = $rule:expr,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        #[allow(unused_imports, unused_mut, unused_variables, unreachable_patterns, clippy::vec_init_then_push)] // without fields
        impl $crate::wire::Wire for $name {
            fn decode(
                path: &str,
                value: &serde_json::Value,
                dialect: &$crate::wire::Dialect,
            ) -> Result<Self, $crate::wire::Error> {
                use $crate::wire::{Error, Slot, Unknown};
                let object = value.as_object().ok_or_else(|| Error::expected(path, "an object", value))?;
                let mut known: Vec<&str> = Vec::new();
                $(if $rule.is_in(dialect) {
                    known.push(stringify!($field));
                })*
                $(
                    known.push($key);
                    let at = format!("{path}.{}", $key);
                    match object.get($key) {
                        Some(value) if value != $literal => {
                            return Err(Error::expected(&at, concat!('"', $literal, '"'), value));
                        }
                        None if concat!($(stringify!($required))?) == "required" => return Err(Error::new(at, "missing")),
                        _ => {}
                    }
                )?
                if let (Unknown::Forbid, Some(key)) =
                    (Unknown::$unknown, object.keys().find(|key| !known.contains(&key.as_str())))
                {
                    return Err(Error::new(format!("{path}.{key}"), "unknown key"));
                }
                Ok(Self {
                    $($field: {
                        let rule = $rule;
                        let value = object.get(stringify!($field)).filter(|_| rule.is_in(dialect));
                        Slot::read(&format!("{path}.{}", stringify!($field)), value, &rule, dialect)?
                    },)*
                })
            }

            fn encode(&self, dialect: &$crate::wire::Dialect) -> serde_json::Value {
                use $crate::wire::Slot;
                let mut object = serde_json::Map::new();
                $({
                    let rule = $rule;
                    if let Some(value) = self.$field.write(&rule, dialect).filter(|_| rule.is_in(dialect)) {
                        object.insert(stringify!($field).to_owned(), value);
                    }
                })*
                $(if dialect.write_literals || concat!($(stringify!($required))?) == "required" {
                    object.insert($key.to_owned(), $literal.into());
                })?
                serde_json::Value::Object(object)
            }
        }
    };
}

/// An enum that is a string on the wire.
///
/// `Custom = "custom" in DIALECTS` limits a value to some dialects, `else Unknown` reads any other string as that value, and
/// `fold DIALECTS` names the dialects that fold case.
#[macro_export]
macro_rules! string_enum {
    ($(#[$meta:meta])* pub enum $name:ident $(else $other:ident)? $(fold $fold:ident)? {
        $($value:ident = $text:literal $(in $only:ident)?,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum $name {
            $($value,)*
        }

        #[allow(unused_imports, unused_mut, unused_variables, unreachable_patterns, clippy::vec_init_then_push)] // without fields
        impl $crate::wire::Wire for $name {
            fn decode(
                path: &str,
                value: &serde_json::Value,
                dialect: &$crate::wire::Dialect,
            ) -> Result<Self, $crate::wire::Error> {
                let mut text = String::decode(path, value, dialect)?;
                $(if $fold.contains(&dialect.name) {
                    text = text.to_lowercase();
                })?
                match text.as_str() {
                    $($text $(if $only.contains(&dialect.name))? => Ok(Self::$value),)*
                    $(_ => Ok(Self::$other),)?
                    _ => Err($crate::wire::Error::expected(path, &[$($text),*].join(", "), value)),
                }
            }

            fn encode(&self, _: &$crate::wire::Dialect) -> serde_json::Value {
                match self {
                    $(Self::$value => $text.into(),)*
                }
            }
        }
    };
}

/// One of several forms.
///
/// Without `tag` the first that accepts a value wins. With it, the arms are told by that key; where the key is missing the form
/// tells, unless the tag is `required`.
#[macro_export]
macro_rules! union {
    ($(#[$meta:meta])* pub enum $name:ident $(tag $tag:literal $($required:ident)?)? {
        $($(#[$arm_meta:meta])* $arm:ident($type:ty) $(= $value:literal)? $(in $only:ident)?,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($(#[$arm_meta])* $arm($type),)*
        }

        #[allow(unused_imports, unused_mut, unused_variables, unreachable_patterns, clippy::vec_init_then_push)] // without fields
        impl $crate::wire::Wire for $name {
            fn decode(
                path: &str,
                value: &serde_json::Value,
                dialect: &$crate::wire::Dialect,
            ) -> Result<Self, $crate::wire::Error> {
                use $crate::wire::{Error, Wire};
                let mut arms: Vec<(&str, fn(&str, &serde_json::Value, &$crate::wire::Dialect) -> Result<Self, Error>)> = Vec::new();
                $(if true $(&& $only.contains(&dialect.name))? {
                    arms.push((concat!($($value)?), |path, value, dialect| Wire::decode(path, value, dialect).map(Self::$arm)));
                })*
                $({
                    let object = value.as_object().ok_or_else(|| Error::expected(path, "an object", value))?;
                    let at = format!("{path}.{}", $tag);
                    if let Some(tag) = object.get($tag) {
                        let names = || arms.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                        let (_, decode) =
                            arms.iter().find(|(name, _)| tag == name).ok_or_else(|| Error::expected(&at, &names(), tag))?;
                        return decode(path, value, dialect);
                    }
                    if concat!($(stringify!($required))?) == "required" {
                        return Err(Error::new(at, "missing"));
                    }
                })?
                let mut reasons = Vec::new();
                for (_, decode) in arms {
                    match decode(path, value, dialect) {
                        Ok(arm) => return Ok(arm),
                        Err(error) => reasons.push(error.to_string()),
                    }
                }
                Err(Error::new(path, format!("none of the forms fits: {}", reasons.join("; "))))
            }

            fn encode(&self, dialect: &$crate::wire::Dialect) -> serde_json::Value {
                match self {
                    $(Self::$arm(arm) => $crate::wire::Wire::encode(arm, dialect),)*
                }
            }
        }
    };
}
