/** Events of a bar, added up until it closes: order-flow imbalance at the best prices, and what takers bought and sold. */
import type { Bars } from "./library/indicator.ts";

export class BarFlow {
  private flow = 0;
  private bought = 0;
  private sold = 0;
  private bid = Number.NaN;
  private bidQuantity = 0;
  private ask = Number.NaN;
  private askQuantity = 0;

  /**
   * The best prices have changed. A higher bid, or more at the same, is demand; a lower one takes all of it away; the
   * ask mirrors it (Cont, Kukanov, Stoikov 2014). The first book only sets the stage.
   */
  onTop(bid: number, bidQuantity: number, ask: number, askQuantity: number): void {
    if (this.bid > 0) {
      if (bid >= this.bid) this.flow += bidQuantity;
      if (bid <= this.bid) this.flow -= this.bidQuantity;
      if (ask <= this.ask) this.flow -= askQuantity;
      if (ask >= this.ask) this.flow += this.askQuantity;
    }
    this.bid = bid;
    this.bidQuantity = bidQuantity;
    this.ask = ask;
    this.askQuantity = askQuantity;
  }

  onTrade(quantity: number, buyerIsMaker: boolean): void {
    if (buyerIsMaker) this.sold += quantity;
    else this.bought += quantity;
  }

  /** The bar is over: writes its row and begins the next one. The best prices stay. */
  close(bars: Bars, row: number): void {
    bars.bookFlow[row] = this.flow;
    bars.buyVolume[row] = this.bought;
    bars.sellVolume[row] = this.sold;
    this.flow = 0;
    this.bought = 0;
    this.sold = 0;
  }
}
