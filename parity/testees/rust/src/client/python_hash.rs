//! CPython's hash of a tuple of integers, on 64 bits: 0.4.1 has metrics of that.

const START: u64 = 2870177450012600261;
const LANE: u64 = 14029467366897019727;
const MIX: u64 = 11400714785074694791;
const PRIME: u128 = (1 << 61) - 1;

/// Of the whole parts, sorted, so that their order does not matter.
pub fn unordered(values: &[f64]) -> i64 {
    let mut sorted: Vec<f64> = values.iter().map(|value| value.trunc()).collect();
    sorted.sort_by(f64::total_cmp);
    let mixed = sorted
        .iter()
        .fold(START, |acc, value| acc.wrapping_add(of(*value).wrapping_mul(LANE)).rotate_left(31).wrapping_mul(MIX));
    match mixed.wrapping_add(values.len() as u64 ^ START ^ 3527539) {
        u64::MAX => 1546275796,
        acc => acc as i64,
    }
}

fn of(value: f64) -> u64 {
    let lane = modulo(value.abs()) as i64 * if value < 0.0 { -1 } else { 1 };
    (if lane == -1 { -2 } else { lane }) as u64
}

/// A whole number of any size; beyond 2^64 it is a multiple of a power of two, which goes around in 61 steps.
fn modulo(value: f64) -> u64 {
    let bits = value.to_bits();
    let exponent = (bits >> 52) as i64 - 1075;
    if exponent <= 0 {
        return (value as u128 % PRIME) as u64;
    }
    let fraction = u128::from(bits & ((1 << 52) - 1) | 1 << 52);
    ((fraction << (exponent % 61)) % PRIME) as u64
}
