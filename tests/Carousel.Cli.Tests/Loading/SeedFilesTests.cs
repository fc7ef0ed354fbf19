using Carousel.Cli.Loading;

namespace Carousel.Cli.Tests.Loading;

public sealed class SeedFilesTests
{
    [Fact]
    public void Customers_are_read_with_their_status()
    {
        using var file = new TemporaryFile("status,id\nactive,cust-1\nBLOCKED,cust-2\n");

        Assert.Equal([new SeedCustomer("cust-1", "ACTIVE"), new SeedCustomer("cust-2", "BLOCKED")], SeedFiles.ReadCustomers(file.Path));
    }

    [Fact]
    public void Stock_is_read_with_its_quantity()
    {
        using var file = new TemporaryFile("sku,quantity\r\n85123A,0\r\nD,5000000000\r\n");

        Assert.Equal([new SeedStock("85123A", 0), new SeedStock("D", 5_000_000_000)], SeedFiles.ReadStock(file.Path));
    }

    [Theory]
    [InlineData("id,status\ncust-1,maybe\n", "line 2, column status: expected ACTIVE or BLOCKED, found 'maybe'")]
    [InlineData("id,status\ncust-1,ACTIVE\ncust-1,ACTIVE\n", "line 3, column id: expected a value that wasn't in an earlier line, found 'cust-1'")]
    [InlineData("id,status\n cust,ACTIVE\n", "line 2, column id: expected 1 to 64 printable ASCII characters without blanks at the ends, found ' cust'")]
    public void A_bad_customer_is_refused_by_line_and_column(string content, string complaint)
    {
        using var file = new TemporaryFile(content);

        Assert.Equal($"{file.Path}, {complaint}.", Assert.Throws<LoadingException>(() => SeedFiles.ReadCustomers(file.Path)).Message);
    }

    [Theory]
    [InlineData("sku,quantity\na,-1\n", "line 2, column quantity: expected a whole number of at least 0, found '-1'")]
    [InlineData("sku,quantity\na,1.5\n", "line 2, column quantity: expected a whole number of at least 0, found '1.5'")]
    public void A_bad_stock_row_is_refused_by_line_and_column(string content, string complaint)
    {
        using var file = new TemporaryFile(content);

        Assert.Equal($"{file.Path}, {complaint}.", Assert.Throws<LoadingException>(() => SeedFiles.ReadStock(file.Path)).Message);
    }

    [Fact]
    public void An_empty_file_is_refused()
    {
        using var file = new TemporaryFile("");

        Assert.StartsWith(file.Path, Assert.Throws<LoadingException>(() => SeedFiles.ReadStock(file.Path)).Message, StringComparison.Ordinal);
    }
}
