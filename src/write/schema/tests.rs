//! A line is checked by a validator of the few keywords the schema uses; an unknown keyword fails the test.

use super::schema;
use crate::write::example;
use serde_json::Value;

/// Why `value` breaks `rule`, if it does.
fn broken(root: &Value, rule: &Value, value: &Value) -> Option<String> {
    let Value::Object(keywords) = rule else {
        return (rule == &Value::Bool(false)).then(|| format!("{value} is not allowed"));
    };
    let whether = |holds: bool, keyword: &str| (!holds).then(|| format!("{value} breaks {keyword} of {rule}"));
    let number = |bound: &Value, holds: fn(f64, f64) -> bool| match (value.as_f64(), bound.as_f64()) {
        (Some(value), Some(bound)) => holds(value, bound),
        _ => true,
    };
    keywords.iter().find_map(|(keyword, wanted)| match keyword.as_str() {
        "$schema" | "$defs" | "title" | "description" | "format" | "default" => None,
        "$ref" => {
            let name = wanted.as_str()?.strip_prefix("#/$defs/")?;
            broken(root, &root["$defs"][name], value)
        }
        "type" => {
            let is = |kind: &Value| match kind.as_str().unwrap_or_default() {
                "null" => value.is_null(),
                "string" => value.is_string(),
                "number" => value.is_number(),
                "integer" => value.is_u64() || value.is_i64(),
                "boolean" => value.is_boolean(),
                "array" => value.is_array(),
                "object" => value.is_object(),
                _ => false,
            };
            let kinds = wanted.as_array().map_or(vec![wanted], |kinds| kinds.iter().collect());
            whether(kinds.into_iter().any(is), keyword)
        }
        "const" => whether(value == wanted, keyword),
        "enum" => whether(wanted.as_array()?.contains(value), keyword),
        "minimum" => whether(number(wanted, |value, bound| value >= bound), keyword),
        "maximum" => whether(number(wanted, |value, bound| value <= bound), keyword),
        "minItems" => whether(value.as_array()?.len() as u64 >= wanted.as_u64()?, keyword),
        "maxItems" => whether(value.as_array()?.len() as u64 <= wanted.as_u64()?, keyword),
        "items" => value.as_array()?.iter().find_map(|item| broken(root, wanted, item)),
        "required" => {
            let object = value.as_object()?;
            let has = |name: &Value| name.as_str().is_some_and(|name| object.contains_key(name));
            whether(wanted.as_array()?.iter().all(has), keyword)
        }
        "properties" => value.as_object()?.iter().find_map(|(name, field)| {
            let rule = wanted.get(name)?;
            broken(root, rule, field)
        }),
        "additionalProperties" if wanted == &Value::Bool(false) => {
            let known = rule.get("properties")?.as_object()?;
            whether(value.as_object()?.keys().all(|name| known.contains_key(name)), keyword)
        }
        "anyOf" | "oneOf" => {
            let fitting = wanted
                .as_array()?
                .iter()
                .filter(|rule| broken(root, rule, value).is_none());
            let fitting = fitting.count();
            whether(fitting == 1 || keyword == "anyOf" && fitting > 0, keyword)
        }
        unknown => Some(format!("the test does not know the keyword {unknown}")),
    })
}

#[test]
fn every_line_fits_the_schema() {
    let schema = schema();
    for record in example::records() {
        let line: Value = serde_json::from_str(&record.to_json()).unwrap();
        assert_eq!(broken(&schema, &schema, &line), None);
    }
}

#[test]
fn lines_that_do_not_fit_are_refused() {
    let schema = schema();
    let line: Value = serde_json::from_str(&example::records()[0].to_json()).unwrap();
    let spoil: [fn(&mut Value); 6] = [
        |line| line["rows"] = "60".into(),
        |line| line["foci"][0]["label"] = "stone".into(),
        |line| line["foci"][0]["box"] = vec![1, 2, 3].into(),
        |line| line["foci"][0]["features"]["beauty"] = 1.0.into(),
        |line| line["patient_name"] = "Doe".into(),
        |line| line["outcome"] = serde_json::json!({"status": "skipped"}),
    ];
    for change in spoil {
        let mut spoiled = line.clone();
        change(&mut spoiled);
        assert_ne!(spoiled, line);
        assert!(broken(&schema, &schema, &spoiled).is_some());
    }
}

#[test]
fn every_field_of_ours_is_described() {
    fn undescribed(name: &str, rule: &Value, found: &mut Vec<String>) {
        for (field, rule) in rule["properties"].as_object().into_iter().flatten() {
            if rule.get("description").is_none() && rule.get("$ref").is_none() && rule.get("const").is_none() {
                found.push(format!("{name}.{field}"));
            }
        }
    }
    let schema = schema();
    let mut found = Vec::new();
    undescribed("Record", &schema, &mut found);
    for (name, rule) in schema["$defs"].as_object().unwrap() {
        undescribed(name, rule, &mut found);
    }
    assert_eq!(found, [""; 0]);
}
