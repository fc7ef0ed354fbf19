using CsCheck;

namespace Carousel.Orders.Tests;

public sealed class CardNumberTests
{
    [Theory]
    [InlineData("4111111111111111", true)]
    [InlineData("4111 1111 1111 1111", true)]
    [InlineData("4111-1111-1111-1111", true)]
    [InlineData("378282246310005", true)]
    [InlineData("4222222222222", true)]
    [InlineData("6304000000000000000", true)]
    [InlineData("4111111111111112", false)]
    [InlineData("tok_4111111111111111", false)]
    [InlineData("411111111111", false)]
    [InlineData("00000000000000000000", false)]
    [InlineData("", false)]
    public void Digits_that_pass_the_luhn_check_are_a_card_number(string text, bool expected)
    {
        Assert.Equal(expected, CardNumber.LooksLikeOne(text));
    }

    [Fact]
    public void Of_ten_last_digits_exactly_one_passes()
    {
        Gen.String[Gen.Char['0', '9'], 12, 18].Sample(digits =>
            Assert.Single(Enumerable.Range(0, 10), last => CardNumber.LooksLikeOne($"{digits}{last}")));
    }
}
