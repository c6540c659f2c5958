// What a perpetual contract of the venue allows: tick, lot, size limits, leverage, price band and fees.

export interface ContractSpec {
  readonly symbol: string;
  readonly baseAsset: string;
  readonly pricePrecision: number;
  readonly quantityPrecision: number;
  readonly tickE8: bigint;
  readonly lotE8: bigint;
  readonly minLots: number;
  readonly maxLots: number;
  readonly maxPositionLots: number;
  readonly marketOpenMaxLots: number;
  readonly maxLeverage: number;
  readonly bandPpm: number;
  readonly makerFeePpm: bigint;
  readonly takerFeePpm: bigint;
  readonly startPrice: number;
}

interface SpecRow {
  pricePrecision: number;
  quantityPrecision: number;
  maxOrderSize: number;
  maxPositionSize: number;
  marketOpenSize: number;
  maxLeverage: number;
  bandPpm: number;
  startPrice: number;
}

const ROWS: Record<string, SpecRow> = {
  BTCUSDT: row(1, 4, 1200, 1_000_000, 100, 400, 10_000, 60_000),
  ETHUSDT: row(2, 3, 1_000_000, 5_000_000, 2300, 400, 10_000, 3000),
  DOGEUSDT: row(5, -2, 200_200_000, 500_000_000, 200_200_000, 200, 50_000, 0.2),
};
const OTHER = row(3, 2, 1_000_000, 5_000_000, 100_000, 100, 50_000, 100);

function row(
  pricePrecision: number,
  quantityPrecision: number,
  maxOrderSize: number,
  maxPositionSize: number,
  marketOpenSize: number,
  maxLeverage: number,
  bandPpm: number,
  startPrice: number,
): SpecRow {
  return {
    pricePrecision,
    quantityPrecision,
    maxOrderSize,
    maxPositionSize,
    marketOpenSize,
    maxLeverage,
    bandPpm,
    startPrice,
  };
}

export interface FeesPpm {
  readonly makerFeePpm: bigint;
  readonly takerFeePpm: bigint;
}

export function contractSpec(symbol: string, fees: FeesPpm): ContractSpec {
  const r = ROWS[symbol] ?? OTHER;
  const lotsPerUnit = 10 ** r.quantityPrecision;
  return {
    symbol,
    baseAsset: symbol.replace(/USDT$/, ""),
    pricePrecision: r.pricePrecision,
    quantityPrecision: r.quantityPrecision,
    tickE8: 10n ** BigInt(8 - r.pricePrecision),
    lotE8: 10n ** BigInt(8 - r.quantityPrecision),
    minLots: 1,
    maxLots: Math.round(r.maxOrderSize * lotsPerUnit),
    maxPositionLots: Math.round(r.maxPositionSize * lotsPerUnit),
    marketOpenMaxLots: Math.round(r.marketOpenSize * lotsPerUnit),
    maxLeverage: r.maxLeverage,
    bandPpm: r.bandPpm,
    makerFeePpm: fees.makerFeePpm,
    takerFeePpm: fees.takerFeePpm,
    startPrice: r.startPrice,
  };
}
