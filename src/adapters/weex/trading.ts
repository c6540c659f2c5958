/**
 * Orders. Prices and quantities leave as exact decimals; an amount off the tick or the lot is an error of ours and
 * is never rounded on the way. A placement is sent once: whoever gets UnknownOutcome looks for the order.
 */
import { formatE8 } from "../../domain/money.ts";
import { DomainError, UnknownOutcome } from "../../errors/errors.ts";
import type { EntryOrder, ExitOrder, MarketRules, VenueTrading } from "../../ports/venue.ts";
import type { WeexAccount } from "./account.ts";
import { refusal } from "./answers.ts";
import type { WeexData } from "./data.ts";
import { ENDPOINTS, type Endpoint } from "./endpoints.ts";
import type { WeexSettings } from "./options.ts";
import { ackReply, doneReply, idText, symbolConfigReply } from "./schemas.ts";
import type { Params, Transport } from "./transport.ts";

const CLIENT_ID = /^[A-Za-z0-9._:/-]{1,36}$/;
const TRIGGER_TYPES = { MARK: "MARK_PRICE", LAST: "CONTRACT_PRICE" } as const;

const fault = (message: string): DomainError => new DomainError("weex.order", message);

function checkPrice(rules: MarketRules, name: string, priceE8: bigint): void {
  if (priceE8 <= 0n || priceE8 % rules.tickE8 !== 0n)
    throw fault(
      `${name} ${formatE8(priceE8)} is not a positive multiple of the tick ${formatE8(rules.tickE8)}`,
    );
}

function checkLot(rules: MarketRules, qtyE8: bigint): void {
  if (qtyE8 <= 0n || qtyE8 % rules.lotE8 !== 0n)
    throw fault(`quantity ${formatE8(qtyE8)} is not a positive multiple of the lot ${formatE8(rules.lotE8)}`);
}

function checkQty(rules: MarketRules, qtyE8: bigint): void {
  checkLot(rules, qtyE8);
  if (qtyE8 < rules.minQtyE8 || qtyE8 > rules.maxQtyE8)
    throw fault(
      `quantity ${formatE8(qtyE8)} is outside ${formatE8(rules.minQtyE8)} to ${formatE8(rules.maxQtyE8)}`,
    );
}

function checkEntry(rules: MarketRules, order: EntryOrder): void {
  checkPrice(rules, "limit", order.limitE8);
  checkPrice(rules, "stop", order.stopE8);
  checkPrice(rules, "target", order.targetE8);
  checkQty(rules, order.qtyE8);
  const upward = order.stopE8 < order.limitE8 && order.limitE8 < order.targetE8;
  const downward = order.stopE8 > order.limitE8 && order.limitE8 > order.targetE8;
  if (order.side === "LONG" ? !upward : !downward)
    throw fault("stop and target are not on their sides of the limit");
}

const checkClientId = (clientOrderId: string): void => {
  if (!CLIENT_ID.test(clientOrderId))
    throw fault("the client order id must be 1 to 36 characters of A-Z a-z 0-9 . _ : / -");
};

export function createWeexTrading(
  transport: Transport,
  settings: WeexSettings,
  data: Pick<WeexData, "knownRules">,
  account: WeexAccount,
): VenueTrading & WeexAccount {
  /** An acknowledgement may be a refusal under status 200. */
  async function acknowledged(
    what: string,
    endpoint: Endpoint,
    params: Params,
  ): Promise<{ orderId: string }> {
    const ack = await transport.call(endpoint, ackReply, params);
    if (!ack.success) throw refusal(what, ack.errorCode ?? "", ack.errorMessage ?? "", transport.redact);
    const orderId = idText.safeParse(ack.orderId);
    if (!orderId.success)
      throw new UnknownOutcome("weex.unreadable", `WEEX accepted ${what} without an order id`);
    return { orderId: orderId.data };
  }

  async function prepare(symbol: string, leverage: number): Promise<void> {
    const rules = await data.knownRules(symbol);
    if (!Number.isInteger(leverage) || leverage < 1 || leverage > rules.maxLeverage)
      throw fault(`leverage ${leverage} is not a whole number from 1 to ${rules.maxLeverage}`);
    const crossed = settings.marginMode === "CROSSED";
    const rows = await transport.call(ENDPOINTS.symbolConfig, symbolConfigReply, { symbol });
    const now = rows.find((row) => row.symbol === symbol);
    // Only differences are sent: the venue refuses changes while orders are open.
    if (now?.marginType !== settings.marginMode || now.separatedType !== "COMBINED")
      await transport.call(ENDPOINTS.setMarginType, doneReply, {
        symbol,
        marginType: settings.marginMode,
        separatedType: "COMBINED",
      });
    const set = crossed
      ? now?.crossLeverage === leverage
      : now?.isolatedLongLeverage === leverage && now.isolatedShortLeverage === leverage;
    if (set) return;
    await transport.call(ENDPOINTS.setLeverage, doneReply, {
      symbol,
      marginType: settings.marginMode,
      ...(crossed
        ? { crossLeverage: String(leverage) }
        : { isolatedLongLeverage: String(leverage), isolatedShortLeverage: String(leverage) }),
    });
  }

  async function placeEntry(order: EntryOrder): Promise<{ orderId: string }> {
    checkClientId(order.clientOrderId);
    checkEntry(await data.knownRules(order.symbol), order);
    const trigger = TRIGGER_TYPES[settings.triggerPrice];
    return acknowledged("the entry order", ENDPOINTS.placeOrder, {
      symbol: order.symbol,
      side: order.side === "LONG" ? "BUY" : "SELL",
      positionSide: order.side,
      type: "LIMIT",
      timeInForce: "IOC",
      quantity: formatE8(order.qtyE8),
      price: formatE8(order.limitE8),
      newClientOrderId: order.clientOrderId,
      slTriggerPrice: formatE8(order.stopE8),
      SlWorkingType: trigger,
      tpTriggerPrice: formatE8(order.targetE8),
      TpWorkingType: trigger,
    });
  }

  async function placeExit(order: ExitOrder): Promise<{ orderId: string }> {
    checkClientId(order.clientOrderId);
    // An exit goes out even when the catalogue cannot be read; the venue then judges the amount.
    const rules = await data.knownRules(order.symbol).catch(() => undefined);
    if (rules) checkLot(rules, order.qtyE8);
    return acknowledged("the exit order", ENDPOINTS.placeOrder, {
      symbol: order.symbol,
      side: order.side === "LONG" ? "SELL" : "BUY",
      // Without the closed side and the flag the venue would open the opposite position.
      positionSide: order.side,
      reduceOnly: true,
      type: "MARKET",
      quantity: formatE8(order.qtyE8),
      newClientOrderId: order.clientOrderId,
    });
  }

  return {
    ...account,
    prepare,
    placeEntry,
    placeExit,
    async cancelAlgo(_symbol, algoId) {
      await acknowledged("the cancellation", ENDPOINTS.cancelAlgo, { orderId: algoId });
    },
    async cancelOrder(_symbol, orderId) {
      await acknowledged("the cancellation", ENDPOINTS.cancelOrder, { orderId });
    },
  };
}
