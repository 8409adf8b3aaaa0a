//! How each type of value looks in JSON.

use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

use super::{Dialect, Error, Opt, Rule};

/// A type that can be read from JSON and written to it.
pub trait Wire: Sized {
    fn decode(path: &str, value: &Value, dialect: &Dialect) -> Result<Self, Error>;
    fn encode(&self, dialect: &Dialect) -> Value;
}

/// A type that can stand in a field: a value that is always there, or an `Opt` of one.
pub trait Slot: Sized {
    fn read(path: &str, value: Option<&Value>, rule: &Rule, dialect: &Dialect) -> Result<Self, Error>;
    /// None for nothing.
    fn write(&self, rule: &Rule, dialect: &Dialect) -> Option<Value>;
}

impl<T: Wire> Slot for T {
    fn read(path: &str, value: Option<&Value>, _: &Rule, dialect: &Dialect) -> Result<Self, Error> {
        T::decode(path, value.ok_or_else(|| Error::new(path, "missing"))?, dialect)
    }

    fn write(&self, _: &Rule, dialect: &Dialect) -> Option<Value> {
        Some(self.encode(dialect))
    }
}

impl<T: Wire> Slot for Opt<T> {
    fn read(path: &str, value: Option<&Value>, rule: &Rule, dialect: &Dialect) -> Result<Self, Error> {
        match value {
            None if rule.is_in(dialect) && rule.required(dialect) => Err(Error::new(path, "missing")),
            None => Ok(Opt::Missing),
            Some(Value::Null) if rule.nullable(dialect) => Ok(Opt::Null),
            Some(value) => T::decode(path, value, dialect).map(Opt::Value),
        }
    }

    fn write(&self, rule: &Rule, dialect: &Dialect) -> Option<Value> {
        match self {
            Opt::Missing => rule.when_unset(dialect),
            Opt::Null => rule.when_null(dialect),
            Opt::Value(value) => Some(value.encode(dialect)),
        }
    }
}

macro_rules! integer {
    ($type:ty) => {
        impl Wire for $type {
            fn decode(path: &str, value: &Value, _: &Dialect) -> Result<Self, Error> {
                let refused = || Error::expected(path, concat!("an integer (", stringify!($type), ")"), value);
                value.as_number().ok_or_else(refused)?.as_str().parse().map_err(|_| refused())
            }

            fn encode(&self, _: &Dialect) -> Value {
                Value::from(*self)
            }
        }
    };
}

integer!(i32);
integer!(i64);

impl Wire for f64 {
    fn decode(path: &str, value: &Value, _: &Dialect) -> Result<Self, Error> {
        let number = value.as_number().and_then(|number| number.as_str().parse::<f64>().ok());
        number.filter(|number| number.is_finite()).ok_or_else(|| Error::expected(path, "a finite number", value))
    }

    fn encode(&self, _: &Dialect) -> Value {
        Number::from_f64(*self).map_or(Value::Null, Value::Number)
    }
}

impl Wire for bool {
    fn decode(path: &str, value: &Value, _: &Dialect) -> Result<Self, Error> {
        value.as_bool().ok_or_else(|| Error::expected(path, "true or false", value))
    }

    fn encode(&self, _: &Dialect) -> Value {
        Value::from(*self)
    }
}

impl Wire for String {
    fn decode(path: &str, value: &Value, _: &Dialect) -> Result<Self, Error> {
        value.as_str().map(str::to_owned).ok_or_else(|| Error::expected(path, "a string", value))
    }

    fn encode(&self, _: &Dialect) -> Value {
        Value::from(self.as_str())
    }
}

/// Bytes, written as base64: standard alphabet, padded.
#[derive(Clone, Debug, PartialEq)]
pub struct Bytes(pub Vec<u8>);

impl Wire for Bytes {
    fn decode(path: &str, value: &Value, _: &Dialect) -> Result<Self, Error> {
        let data = value.as_str().and_then(|text| STANDARD.decode(text).ok());
        data.map(Bytes).ok_or_else(|| Error::expected(path, "base64", value))
    }

    fn encode(&self, _: &Dialect) -> Value {
        Value::from(STANDARD.encode(&self.0))
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn decode(path: &str, value: &Value, dialect: &Dialect) -> Result<Self, Error> {
        let items = value.as_array().ok_or_else(|| Error::expected(path, "a list", value))?;
        items.iter().enumerate().map(|(index, item)| T::decode(&format!("{path}[{index}]"), item, dialect)).collect()
    }

    fn encode(&self, dialect: &Dialect) -> Value {
        self.iter().map(|item| item.encode(dialect)).collect()
    }
}

impl<T: Wire> Wire for BTreeMap<String, T> {
    fn decode(path: &str, value: &Value, dialect: &Dialect) -> Result<Self, Error> {
        let entries = value.as_object().ok_or_else(|| Error::expected(path, "an object", value))?;
        let decode =
            |(key, item): (&String, &Value)| Ok((key.clone(), T::decode(&format!("{path}.{key}"), item, dialect)?));
        entries.iter().map(decode).collect()
    }

    fn encode(&self, dialect: &Dialect) -> Value {
        Value::Object(self.iter().map(|(key, item)| (key.clone(), item.encode(dialect))).collect())
    }
}

/// An item that can be null.
impl<T: Wire> Wire for Option<T> {
    fn decode(path: &str, value: &Value, dialect: &Dialect) -> Result<Self, Error> {
        match value {
            Value::Null => Ok(None),
            value => T::decode(path, value, dialect).map(Some),
        }
    }

    fn encode(&self, dialect: &Dialect) -> Value {
        self.as_ref().map_or(Value::Null, |item| item.encode(dialect))
    }
}

/// Any JSON.
impl Wire for Value {
    fn decode(_: &str, value: &Value, _: &Dialect) -> Result<Self, Error> {
        Ok(value.clone())
    }

    fn encode(&self, _: &Dialect) -> Value {
        self.clone()
    }
}

/// A JSON object with any content.
impl Wire for Map<String, Value> {
    fn decode(path: &str, value: &Value, _: &Dialect) -> Result<Self, Error> {
        value.as_object().cloned().ok_or_else(|| Error::expected(path, "an object", value))
    }

    fn encode(&self, _: &Dialect) -> Value {
        Value::Object(self.clone())
    }
}
