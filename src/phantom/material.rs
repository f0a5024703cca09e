//! What the phantom is made of, and how it attenuates.
//!
//! Mass attenuation coefficients: J. H. Hubbell and S. M. Seltzer, NIST Standard Reference Database 126 (XAAMDI),
//! doi 10.18434/T4D01F, ICRU-44 compositions; hydroxyapatite Ca10(PO4)6(OH)2 by mass fractions of its elements.

/// Energy fluence of a filtered 80 kV beam at 30, 40, 50, 60 and 80 keV; sums to 1.
pub(super) const SPECTRUM: [f32; 5] = [0.10, 0.24, 0.28, 0.24, 0.14];

/// A substance the beam crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Material {
    /// Muscle and organs.
    Soft,
    /// Adipose tissue.
    Fat,
    /// Compact bone; trabecular bone is a fraction of it in marrow.
    Bone,
    /// Calcium phosphate of a deposit.
    Hydroxyapatite,
    /// Titanium of an implant.
    Titanium,
    /// Lead of a marker.
    Lead,
}

impl Material {
    pub(super) const ALL: [Material; 6] = [
        Material::Soft,
        Material::Fat,
        Material::Bone,
        Material::Hydroxyapatite,
        Material::Titanium,
        Material::Lead,
    ];

    /// Density in g/cm3.
    const fn density(self) -> f32 {
        match self {
            Material::Soft => 1.06,
            Material::Fat => 0.95,
            Material::Bone => 1.92,
            Material::Hydroxyapatite => 3.16,
            Material::Titanium => 4.51,
            Material::Lead => 11.35,
        }
    }

    /// Mass attenuation in cm2/g at the energies of [`SPECTRUM`].
    const fn mass_attenuation(self) -> [f32; 5] {
        match self {
            Material::Soft => [0.3790, 0.2688, 0.2264, 0.2048, 0.1823],
            Material::Fat => [0.3063, 0.2396, 0.2123, 0.1974, 0.1800],
            Material::Bone => [1.331, 0.6655, 0.4242, 0.3148, 0.2229],
            Material::Hydroxyapatite => [2.100, 0.9877, 0.5864, 0.4067, 0.2590],
            Material::Titanium => [4.972, 2.214, 1.213, 0.7661, 0.4052],
            Material::Lead => [30.32, 14.36, 8.041, 5.021, 2.419],
        }
    }

    /// Linear attenuation per millimetre at the energies of [`SPECTRUM`].
    pub(super) fn attenuation(self) -> [f32; 5] {
        self.mass_attenuation().map(|value| value * self.density() / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denser_matter_attenuates_more_and_the_spectrum_is_whole() {
        assert!((SPECTRUM.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        let order = [
            Material::Fat,
            Material::Soft,
            Material::Bone,
            Material::Hydroxyapatite,
            Material::Titanium,
            Material::Lead,
        ];
        for pair in order.windows(2) {
            for (less, more) in pair[0].attenuation().iter().zip(pair[1].attenuation()) {
                assert!(*less < more, "{pair:?}");
            }
        }
    }
}
