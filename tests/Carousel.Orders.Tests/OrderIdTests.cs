using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Orders.Tests;

public sealed class OrderIdTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private readonly OrderIdMint _mint = new(Key, new FakeTimeProvider(new DateTimeOffset(Samples.Noon)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a\n")]
    [InlineData("caf\u00e9")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void What_is_no_id_is_refused(string? text)
    {
        Assert.False(OrderId.TryParse(text, out _));
    }

    [Fact]
    public void An_id_that_was_never_set_can_t_be_written()
    {
        Assert.Throws<InvalidOperationException>(() => default(OrderId).ToString());
    }

    [Fact]
    public void A_fresh_id_is_recognised_for_its_client_only()
    {
        OrderId id = _mint.New("shop");

        Assert.Matches("^ord-[0-7][0-9A-HJKMNP-TV-Z]{25}$", id.ToString());
        Assert.True(_mint.WasGivenTo("shop", id));
        Assert.False(_mint.WasGivenTo("other", id));
        Assert.False(new OrderIdMint([.. Key.Reverse()], TimeProvider.System).WasGivenTo("shop", id));
    }

    [Fact]
    public void Fresh_ids_differ_and_sort_by_time()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(Samples.Noon));
        var mint = new OrderIdMint(Key, time);
        string first = mint.New("shop").ToString();
        string sameTime = mint.New("shop").ToString();
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.NotEqual(first, sameTime);
        Assert.True(string.CompareOrdinal(mint.New("shop").ToString(), first) > 0);
    }

    [Fact]
    public void A_derived_id_is_the_same_for_ever()
    {
        // Pinned: with another value, a retry after an upgrade would be another order and another charge.
        Assert.Equal(new OrderIdMint(Key, TimeProvider.System).Derive("shop", "536365"), _mint.Derive("shop", "536365"));
        Assert.Equal(DerivedForShop536365, _mint.Derive("shop", "536365").ToString());
    }

    [Fact]
    public void Client_and_key_both_make_the_derived_id()
    {
        Gen.Select(Gen.String[Gen.Char['!', '~'], 1, 20], Gen.String[Gen.Char['!', '~'], 1, 20]).Sample((client, key) =>
        {
            OrderId id = _mint.Derive(client, key);
            Assert.True(_mint.WasGivenTo(client, id));
            Assert.NotEqual(id, _mint.Derive(client + "x", key));
            Assert.NotEqual(id, _mint.Derive(client, key + "x"));
        });
    }

    [Fact]
    public void A_changed_character_is_never_recognised()
    {
        string id = _mint.New("shop").ToString();
        for (int i = 0; i < id.Length; i++)
        {
            foreach (char c in "0Z1aI-~")
            {
                if (id[i] != c)
                {
                    Assert.False(_mint.WasGivenTo("shop", OrderId.Parse(string.Concat(id.AsSpan(0, i), [c], id.AsSpan(i + 1)))));
                }
            }
        }
    }

    [Fact]
    public void A_short_secret_is_refused()
    {
        Assert.Contains("32", Assert.Throws<ArgumentException>(() => new OrderIdMint(new byte[31], TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    private const string DerivedForShop536365 = "ord-1DHDQQ9CPA4ZFC7ZJHDBK7W3EB";
}
