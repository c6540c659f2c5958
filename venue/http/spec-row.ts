// A contract's row in exchangeInfo. Numbers are numbers here, unlike prices elsewhere.

import type { ContractSpec } from "../money/contract-spec.ts";
import { formatE8 } from "../money/e8.ts";
import type { Json } from "./json.ts";

export function specRow(spec: ContractSpec): Json {
  const lot = formatE8(spec.lotE8);
  const size = (lots: number) => Number(formatE8(BigInt(lots) * spec.lotE8));
  return {
    symbol: spec.symbol,
    baseAsset: spec.baseAsset,
    quoteAsset: "USDT",
    marginAsset: "USDT",
    pricePrecision: spec.pricePrecision,
    quantityPrecision: spec.quantityPrecision,
    baseAssetPrecision: Math.max(0, spec.quantityPrecision),
    quotePrecision: 8,
    contractVal: Number(lot),
    delivery: ["00:00:00", "08:00:00", "16:00:00"],
    forwardContractFlag: true,
    minLeverage: 1,
    maxLeverage: spec.maxLeverage,
    buyLimitPriceRatio: spec.bandPpm / 1_000_000,
    sellLimitPriceRatio: spec.bandPpm / 1_000_000,
    makerFeeRate: Number(spec.makerFeePpm) / 1_000_000,
    takerFeeRate: Number(spec.takerFeePpm) / 1_000_000,
    minOrderSize: size(spec.minLots),
    maxOrderSize: size(spec.maxLots),
    maxPositionSize: size(spec.maxPositionLots),
    marketOpenLimitSize: size(spec.marketOpenMaxLots),
    displaySymbol: spec.symbol,
    contractType: "PERPETUAL",
    underlyingType: "COIN",
  };
}
