/** How much to risk: pure functions over shares of equity. What is signed and settled is decided in domain/decide.ts. */

export { drawdownOf, drawdownScale } from "./drawdown.ts";
export {
  type Covariance,
  covarianceOf,
  portfolioVolatility,
  riskContributions,
  roomFor,
  shrinkCorrelations,
} from "./exposure.ts";
export { type KellyCaution, kellyBet, kellyLeverage } from "./kelly.ts";
export { cornishFisherTailRisk, historicalTailRisk, type TailRisk } from "./tail.ts";
export { ewmaVolatility, volatilityScale } from "./volatility.ts";
