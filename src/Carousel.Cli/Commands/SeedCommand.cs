using System.CommandLine;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;
using Carousel.Cli.Loading;
using Microsoft.Extensions.Logging;

namespace Carousel.Cli.Commands;

internal static class SeedCommand
{
    public static Command Create()
    {
        var customers = new Option<FileInfo?>("--customers") { Description = "CSV with the columns id,status (ACTIVE or BLOCKED)" };
        var stock = new Option<FileInfo?>("--stock") { Description = "CSV with the columns sku,quantity: pieces ever put on the shelf" };
        var retail = new Option<FileInfo?>("--retail") { Description = "the customers and items of a file in the layout of the UCI Online Retail data" };
        var command = new Command("seed", "Load customers and stock; seeding the same again changes nothing") { customers, stock, retail, SettingOption.DataDirectory() };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            CarouselSettings settings = SettingsLoader.Load(parsed);
            SeedData data = Read(parsed.GetValue(customers), parsed.GetValue(stock), parsed.GetValue(retail));
            Directory.CreateDirectory(settings.DataDirectory);
            using ILoggerFactory loggers = new Logging(LogLevel.Warning).CreateFactory();
            await Console.Out.WriteLineAsync(await Seeding.SeedAsync(PipelineServices.DatabaseOptions(settings), data, loggers, cancellationToken));
            return ExitCodes.Done;
        });
        return command;
    }

    private static SeedData Read(FileInfo? customers, FileInfo? stock, FileInfo? retail)
    {
        if (customers is null && stock is null && retail is null)
        {
            throw new UsageException("Say what to seed: --customers FILE.csv, --stock FILE.csv, both, or --retail FILE.csv.gz.");
        }

        SeedData known = retail is null ? new SeedData([], []) : RetailFile.Open(retail.FullName).Seed;
        return new SeedData(
            [.. known.Customers, .. customers is null ? [] : SeedFiles.ReadCustomers(customers.FullName)],
            [.. known.Stock, .. stock is null ? [] : SeedFiles.ReadStock(stock.FullName)]);
    }
}
