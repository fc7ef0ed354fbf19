using System.Globalization;
using System.Text;

namespace Carousel.Bench;

/// <summary>The figures of one run, as a table: each with what is wanted of it, where something is.</summary>
internal sealed class BrokerReport(string machine, string command)
{
    private readonly List<string> _rows = [];
    private readonly List<string> _notes = [];

    /// <summary>Rates against each other, in records and megabytes a second and milliseconds of the broker's processor time a megabyte.</summary>
    /// <param name="ratioMin">Wanted; null for information.</param>
    public void AddRates(string measure, Turn embedded, Turn? other, double? ratioMin)
    {
        double? ratio = other is null ? null : embedded.RecordsPerSecond / other.RecordsPerSecond;
        Add(measure, Rate(embedded), other is null ? "" : Rate(other), ratio, ratioMin is { } wanted ? Text($"≥ {wanted:0.#} ×") : "", ratio is null || ratioMin is null ? null : ratio >= ratioMin);
    }

    /// <summary>Two values of the same unit.</summary>
    /// <param name="isMet">Null for information.</param>
    public void Add(string measure, string embedded, string other, double? ratio, string wanted, bool? isMet)
    {
        string verdict = isMet switch { true => "yes", false => "**no**", null => "" };
        string row = $"| {measure} | {embedded} | {other} | {(ratio is { } value ? Text($"{value:0.00}") : "")} | {wanted} | {verdict} |";
        _rows.Add(row);
        Console.Error.WriteLine(row);
    }

    public void Note(FormattableString note) => _notes.Add(Text(note));

    public string Markdown(string date)
    {
        var text = new StringBuilder();
        text.AppendLine("# The embedded broker beside Apache Kafka");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{date} UTC, `{command}`. Both brokers and the client on the same machine, acks=all, idempotent; ratios count, absolute figures don't.");
        text.AppendLine(CultureInfo.InvariantCulture, $"{machine}.");
        text.AppendLine();
        text.AppendLine("| measure | embedded | Kafka 4.2 | ratio | wanted | met |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- |");
        _rows.ForEach(row => text.AppendLine(row));
        text.AppendLine();
        _notes.ForEach(note => text.AppendLine(CultureInfo.InvariantCulture, $"- {note}"));
        return text.ToString();
    }

    private static string Rate(Turn turn) =>
        turn.Bytes == 0 ? Text($"{turn.RecordsPerSecond:N0}/s") : Text($"{turn.RecordsPerSecond:N0}/s, {turn.MegabytesPerSecond:N0} MB/s, CPU {turn.CpuMillisecondsPerMegabyte:N1} ms/MB");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
