// The rows an exchange keeps: orders, algo orders, fills, positions, income.

export type Side = "BUY" | "SELL";
export type PositionSide = "LONG" | "SHORT";
export type TimeInForce = "GTC" | "IOC" | "FOK" | "POST_ONLY";
export type WorkingType = "CONTRACT_PRICE" | "MARK_PRICE";
export type OrderSource = "API" | "WEB" | "TPSL" | "LIQUIDATION";
export type AlgoType = "STOP" | "TAKE_PROFIT" | "STOP_MARKET" | "TAKE_PROFIT_MARKET";

export interface Protection {
  readonly triggerTicks: number;
  readonly workingType: WorkingType;
}

export interface Order {
  readonly id: bigint;
  readonly uid: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly type: "LIMIT" | "MARKET";
  readonly timeInForce: TimeInForce;
  /** 0 for a market order. */
  readonly priceTicks: number;
  readonly lots: number;
  readonly closes: boolean;
  readonly source: OrderSource;
  readonly leverage: number;
  readonly takeProfit: Protection | undefined;
  readonly stopLoss: Protection | undefined;
  readonly parentOrderId: bigint;
  readonly createdMs: number;
  updatedMs: number;
  status: "NEW" | "FILLED" | "CANCELED";
  cancelReason: string;
  filledLots: number;
  cumQuoteE8: bigint;
  cumFeeE8: bigint;
  cumRealizedE8: bigint;
  lastFillTicks: number;
  maxFillTicks: number;
  minFillTicks: number;
  readonly protections: AlgoOrder[];
}

export interface AlgoOrder {
  readonly id: bigint;
  readonly uid: string;
  readonly symbol: string;
  readonly clientAlgoId: string;
  readonly type: AlgoType;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly timeInForce: TimeInForce;
  readonly closes: boolean;
  readonly wholePosition: boolean;
  readonly triggerTicks: number;
  /** 0 when it becomes a market order. */
  readonly priceTicks: number;
  readonly workingType: WorkingType;
  readonly parentOrderId: bigint;
  readonly takeProfit: Protection | undefined;
  readonly stopLoss: Protection | undefined;
  readonly createdMs: number;
  lots: number;
  updatedMs: number;
  triggerMs: number;
  status: "UNTRIGGERED" | "TRIGGERED" | "CANCELED";
  actualOrderId: bigint | undefined;
}

export interface Fill {
  readonly id: bigint;
  readonly orderId: bigint;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly ticks: number;
  readonly lots: number;
  readonly quoteE8: bigint;
  readonly feeE8: bigint;
  readonly realizedE8: bigint;
  readonly maker: boolean;
  readonly tMs: number;
}

export interface Position {
  readonly id: bigint;
  readonly symbol: string;
  readonly side: PositionSide;
  readonly createdMs: number;
  readonly createdSequence: number;
  updatedMs: number;
  updatedSequence: number;
  lots: number;
  /** What the lots still held cost. */
  openValueE8: bigint;
  openFeeE8: bigint;
  fundingE8: bigint;
  cumOpenLots: number;
  cumOpenValueE8: bigint;
  cumOpenFeeE8: bigint;
  cumCloseLots: number;
  cumCloseValueE8: bigint;
  cumCloseFeeE8: bigint;
}

export type IncomeType =
  | "deposit"
  | "withdraw"
  | "position_open_long"
  | "position_open_short"
  | "position_close_long"
  | "position_close_short"
  | "position_funding"
  | "liquidation_insurance";

export interface Income {
  readonly billId: bigint;
  readonly symbol: string;
  readonly type: IncomeType;
  readonly incomeE8: bigint;
  readonly feeE8: bigint;
  readonly balanceE8: bigint;
  readonly tMs: number;
  readonly reason: string;
}

/** What the venue answers when it will not do something. */
export class Refusal extends Error {
  readonly code: number;
  readonly status: number;

  constructor(code: number, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function opensPosition(side: Side, positionSide: PositionSide): boolean {
  return (side === "BUY") === (positionSide === "LONG");
}
