using System.Globalization;
using System.Text;

namespace Carousel.Bench;

/// <summary>The figures of one run on one broker, as a table: each with what is wanted of it.</summary>
internal sealed class StagesReport(string broker)
{
    private readonly StringBuilder _rows = new();

    public void Add(string measure, FormattableString value, string target, bool isMet)
    {
        string row = $"| {measure} | {value.ToString(CultureInfo.InvariantCulture)} | {target} | {(isMet ? "yes" : "**no**")} |";
        _rows.AppendLine(row);
        Console.Error.WriteLine($"{broker}: {row}");
    }

    public string Markdown() => $"## On {broker}\n\n| measure | value | target | met |\n| --- | --- | --- | --- |\n{_rows}\n";
}
