namespace Carousel.Orders;

/// <summary>One broken rule: where, a stable code, and a sentence that says what was found and what is wanted.</summary>
/// <param name="Field">JSON path of the field, for instance <c>lines[3].quantity</c>.</param>
public sealed record RuleViolation(string Field, string Code, string Message);

/// <summary>What makes an order sound, whoever made it. The gateway refuses and validation dead-letters by the same rules.</summary>
public static class OrderRules
{
    public const int LinesMax = 2_000;
    public const int CustomerIdLengthMax = 64;
    public const int SkuLengthMax = 64;
    public const int PaymentTokenLengthMax = 255;

    /// <summary>Precision 18 and scale 2, by the schema.</summary>
    public const decimal AmountMax = 9_999_999_999_999_999.99m;

    /// <summary>Precision 18 and scale 4, by the schema.</summary>
    public const decimal UnitPriceMax = 99_999_999_999_999.9999m;

    /// <summary>More violations than these are not reported: nobody reads two thousand.</summary>
    public const int ViolationsMax = 20;

    /// <summary>The sum of quantity × unitPrice, rounded half away from zero to 2 decimals. The rules bound it far below decimal's range.</summary>
    public static decimal Total(IEnumerable<OrderLine> lines) =>
        Math.Round(lines.Sum(line => line.Quantity * line.UnitPrice), 2, MidpointRounding.AwayFromZero);

    /// <summary>Every broken rule of an order, at most 20; empty when it is sound.</summary>
    public static IReadOnlyList<RuleViolation> Check(Order order)
    {
        var violations = new List<RuleViolation>();
        CheckParties(order, violations);
        CheckLines(order.Lines, violations);
        if (violations.Count > ViolationsMax)
        {
            // The last line may have broken several rules.
            violations.RemoveRange(ViolationsMax, violations.Count - ViolationsMax);
        }

        if (violations.Count == 0)
        {
            CheckAmount(order, violations);
        }

        return violations;
    }

    private static void CheckParties(Order order, List<RuleViolation> violations)
    {
        if (!Identifier.IsValid(order.CustomerId, CustomerIdLengthMax))
        {
            violations.Add(new("customerId", RuleCodes.InvalidCustomerId, $"customerId must be 1 to {CustomerIdLengthMax} printable ASCII characters without blanks at the ends."));
        }

        if (!Iso4217.IsKnown(order.Currency))
        {
            violations.Add(new("currency", RuleCodes.UnknownCurrency, "currency must be an ISO 4217 code in capitals, such as GBP."));
        }

        if (!Identifier.IsValid(order.PaymentToken, PaymentTokenLengthMax))
        {
            violations.Add(new("paymentToken", RuleCodes.InvalidPaymentToken, $"paymentToken must be 1 to {PaymentTokenLengthMax} printable ASCII characters without blanks at the ends."));
        }
        else if (CardNumber.LooksLikeOne(order.PaymentToken))
        {
            violations.Add(new("paymentToken", RuleCodes.CardNumber, "paymentToken looks like a card number; send the token that your payment provider gave you for it."));
        }
    }

    private static void CheckLines(IReadOnlyList<OrderLine> lines, List<RuleViolation> violations)
    {
        if (lines.Count is 0 or > LinesMax)
        {
            violations.Add(new("lines", RuleCodes.LineCount, $"lines must hold 1 to {LinesMax} lines; found {lines.Count}."));
            return;
        }

        for (int i = 0; i < lines.Count && violations.Count < ViolationsMax; i++)
        {
            CheckLine(lines[i], i, violations);
        }
    }

    private static void CheckLine(OrderLine line, int index, List<RuleViolation> violations)
    {
        if (!Identifier.IsValid(line.Sku, SkuLengthMax))
        {
            violations.Add(new($"lines[{index}].sku", RuleCodes.InvalidSku, $"sku must be 1 to {SkuLengthMax} printable ASCII characters without blanks at the ends."));
        }

        if (line.Quantity < 1)
        {
            violations.Add(new($"lines[{index}].quantity", RuleCodes.InvalidQuantity, $"quantity must be at least 1; found {line.Quantity}."));
        }

        if (line.UnitPrice is < 0 or > UnitPriceMax)
        {
            violations.Add(new($"lines[{index}].unitPrice", RuleCodes.InvalidUnitPrice, $"unitPrice must be 0 to {UnitPriceMax}; found {line.UnitPrice}."));
        }
        else if (Math.Round(line.UnitPrice, 4) != line.UnitPrice)
        {
            violations.Add(new($"lines[{index}].unitPrice", RuleCodes.InvalidUnitPrice, $"unitPrice must have at most 4 decimals; found {line.UnitPrice}."));
        }
    }

    private static void CheckAmount(Order order, List<RuleViolation> violations)
    {
        decimal total = Total(order.Lines);
        if (total <= 0)
        {
            violations.Add(new("amount", RuleCodes.NothingToCharge, "the lines add up to nothing to charge; the amount must be above 0."));
        }
        else if (total > AmountMax)
        {
            violations.Add(new("amount", RuleCodes.AmountTooLarge, $"the lines add up to {total}, above the {AmountMax} an order can hold."));
        }
        else if (order.Amount != total)
        {
            violations.Add(new("amount", RuleCodes.WrongAmount, $"amount must be {total}, the sum of quantity × unitPrice rounded to 2 decimals; found {order.Amount}."));
        }
    }
}
