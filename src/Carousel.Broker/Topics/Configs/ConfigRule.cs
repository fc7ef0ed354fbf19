using System.Globalization;

namespace Carousel.Broker.Topics.Configs;

/// <summary>What a config allows beyond its kind. Answers with what is wrong, or null; the words are those of Kafka's ConfigDef, which people search for.</summary>
internal abstract record ConfigRule
{
    public static readonly ConfigRule Any = new AnyRule();

    public static ConfigRule AtLeast(double least) => new BetweenRule(least, double.PositiveInfinity);

    public static ConfigRule Between(double least, double most) => new BetweenRule(least, most);

    public static ConfigRule OneOf(params string[] allowed) => new OneOfRule(allowed);

    /// <summary>Each element of a list is one of these.</summary>
    public static ConfigRule EachOneOf(params string[] allowed) => new EachOneOfRule(allowed);

    /// <summary>One value apart, or a range.</summary>
    public static ConfigRule EqualOrBetween(int apart, int least, int most) => new EqualOrBetweenRule(apart, least, most);

    /// <summary>A feature that this broker hasn't got.</summary>
    public static ConfigRule OnlyFalse(string reason) => new OnlyFalseRule(reason);

    /// <summary><c>*</c>, or pairs of partition and broker.</summary>
    public static ConfigRule ThrottledReplicas { get; } = new ThrottledReplicasRule();

    /// <param name="value">In its normal form: see <see cref="ConfigDefinition.TryNormalize"/>.</param>
    public abstract string? Check(string name, string value);

    private static string Invalid(string name, string value, string reason) => $"Invalid value {value} for configuration {name}: {reason}";

    private sealed record AnyRule : ConfigRule
    {
        public override string? Check(string name, string value) => null;
    }

    private sealed record BetweenRule(double Least, double Most) : ConfigRule
    {
        public override string? Check(string name, string value)
        {
            double number = double.Parse(value, CultureInfo.InvariantCulture);
            if (number < Least)
            {
                return Invalid(name, value, string.Create(CultureInfo.InvariantCulture, $"Value must be at least {Least}"));
            }

            return number > Most ? Invalid(name, value, string.Create(CultureInfo.InvariantCulture, $"Value must be no more than {Most}")) : null;
        }
    }

    private sealed record OneOfRule(string[] Allowed) : ConfigRule
    {
        public override string? Check(string name, string value) =>
            Allowed.Contains(value) ? null : Invalid(name, value, $"String must be one of: {string.Join(", ", Allowed)}");
    }

    private sealed record EachOneOfRule(string[] Allowed) : ConfigRule
    {
        public override string? Check(string name, string value) =>
            ConfigDefinition.Elements(value).FirstOrDefault(element => !Allowed.Contains(element)) is { } wrong
                ? Invalid(name, wrong, $"String must be one of: {string.Join(", ", Allowed)}")
                : null;
    }

    private sealed record EqualOrBetweenRule(int Apart, int Least, int Most) : ConfigRule
    {
        public override string? Check(string name, string value)
        {
            int number = int.Parse(value, CultureInfo.InvariantCulture);
            return number == Apart || (number >= Least && number <= Most)
                ? null
                : Invalid(name, value, $"Value must be between {Least} and {Most} or equal to {Apart}");
        }
    }

    private sealed record OnlyFalseRule(string Reason) : ConfigRule
    {
        public override string? Check(string name, string value) => value == "false" ? null : Reason;
    }

    private sealed record ThrottledReplicasRule : ConfigRule
    {
        public override string? Check(string name, string value) =>
            value.Trim() is "" or "*" || ConfigDefinition.Elements(value).All(IsPair)
                ? null
                : Invalid(
                    name,
                    $"[{value}]",
                    $"{name} must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...");

        private static bool IsPair(string element) =>
            element.Split(':') is [var partition, var broker]
            && int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && int.TryParse(broker, NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }
}
