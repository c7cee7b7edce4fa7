//! The units, with conversions to the base unit of their quantity.

/// A unit: `base = value * factor + offset`.
#[derive(Debug, PartialEq)]
pub(crate) struct Unit {
    /// The symbol, such as `km`.
    pub(crate) symbol: &'static str,
    /// The name, such as `kilometre`.
    pub(crate) name: &'static str,
    /// The quantity that the unit measures.
    pub(crate) quantity: &'static str,
    factor: f64,
    offset: f64,
}

impl Unit {
    /// Converts a value in this unit to another unit of the same quantity.
    pub(crate) fn convert(&self, value: f64, to: &Self) -> f64 {
        if self == to { value } else { (value * self.factor + (self.offset - to.offset)) / to.factor }
    }
}

/// Finds a unit by its symbol or name. Case matters (`Mb` is not `MB`) unless only one unit has the symbol.
pub(crate) fn find(symbol: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.symbol == symbol).or_else(|| {
        let mut alike = UNITS.iter().filter(|unit| unit.symbol.eq_ignore_ascii_case(symbol) || unit.name == symbol);
        alike.next().filter(|_| alike.next().is_none())
    })
}

const fn unit(quantity: &'static str, symbol: &'static str, name: &'static str, factor: f64) -> Unit {
    Unit { symbol, name, quantity, factor, offset: 0.0 }
}

const fn degree(symbol: &'static str, name: &'static str, factor: f64, offset: f64) -> Unit {
    Unit { symbol, name, quantity: "temperature", factor, offset }
}

/// Every unit. Factors are exact by definition (SI; international yard and pound of 1959; US gallon).
pub(crate) const UNITS: &[Unit] = &[
    unit("data", "b", "bit", 0.125),
    unit("data", "B", "byte", 1.0),
    unit("data", "kB", "kilobyte", 1e3),
    unit("data", "MB", "megabyte", 1e6),
    unit("data", "GB", "gigabyte", 1e9),
    unit("data", "TB", "terabyte", 1e12),
    unit("data", "KiB", "kibibyte", 1024.0),
    unit("data", "MiB", "mebibyte", 1_048_576.0),
    unit("data", "GiB", "gibibyte", 1_073_741_824.0),
    unit("data", "TiB", "tebibyte", 1_099_511_627_776.0),
    unit("length", "mm", "millimetre", 1e-3),
    unit("length", "cm", "centimetre", 1e-2),
    unit("length", "m", "metre", 1.0),
    unit("length", "km", "kilometre", 1e3),
    unit("length", "in", "inch", 0.0254),
    unit("length", "ft", "foot", 0.3048),
    unit("length", "yd", "yard", 0.9144),
    unit("length", "mi", "mile", 1609.344),
    unit("length", "nmi", "nautical mile", 1852.0),
    unit("mass", "mg", "milligram", 1e-6),
    unit("mass", "g", "gram", 1e-3),
    unit("mass", "kg", "kilogram", 1.0),
    unit("mass", "t", "tonne", 1e3),
    unit("mass", "oz", "ounce", 0.028_349_523_125),
    unit("mass", "lb", "pound", 0.453_592_37),
    unit("mass", "st", "stone", 6.350_293_18),
    unit("speed", "m/s", "metre per second", 1.0),
    unit("speed", "km/h", "kilometre per hour", 1.0 / 3.6),
    unit("speed", "mph", "mile per hour", 0.447_04),
    unit("speed", "kn", "knot", 1852.0 / 3600.0),
    degree("K", "kelvin", 1.0, 0.0),
    degree("C", "degree Celsius", 1.0, 273.15),
    degree("F", "degree Fahrenheit", 5.0 / 9.0, 459.67 * 5.0 / 9.0),
    unit("time", "ms", "millisecond", 1e-3),
    unit("time", "s", "second", 1.0),
    unit("time", "min", "minute", 60.0),
    unit("time", "h", "hour", 3600.0),
    unit("time", "d", "day", 86_400.0),
    unit("time", "wk", "week", 604_800.0),
    unit("volume", "ml", "millilitre", 1e-3),
    unit("volume", "l", "litre", 1.0),
    unit("volume", "m3", "cubic metre", 1e3),
    unit("volume", "tsp", "US teaspoon", 0.004_928_921_593_75),
    unit("volume", "tbsp", "US tablespoon", 0.014_786_764_781_25),
    unit("volume", "cup", "US cup", 0.236_588_236_5),
    unit("volume", "gal", "US gallon", 3.785_411_784),
];
