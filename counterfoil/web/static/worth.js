// What points are worth, as the ledger and the Python library compute it: whole numbers only.

/** The cash, in minor units, that so many points pay: rounded down. All BigInt. */
export function cashFor(points, rate) {
  return (points * rate.minorUnits) / rate.points;
}

/** The multiple of the step between two multiples of it that lies nearest below `points`. */
export function stepped(points, step, least, most) {
  const down = points - (points % step);
  return down < least ? least : down > most ? most : down;
}

/** Minor units as a decimal with thousands apart: 123450n, 2 -> "1,234.50". */
export function amount(minor, decimals) {
  const digits = minor.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals ? `${whole}.${digits.slice(-decimals)}` : whole;
}

/** Whole points with thousands apart. */
export function grouped(points) {
  return amount(points, 0);
}
