use super::Rules;
#[test]
fn the_default_is_well_formed_and_survives_toml() {
    let rules = Rules::default();
    assert_eq!(rules.check(), Ok(()));
    let text = toml::to_string(&rules).unwrap();
    assert_eq!(toml::from_str::<Rules>(&text).unwrap(), rules);
}
