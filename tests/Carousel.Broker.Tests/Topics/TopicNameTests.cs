using Carousel.Broker.Topics;

namespace Carousel.Broker.Tests.Topics;

public sealed class TopicNameTests
{
    [Theory]
    [InlineData("orders")]
    [InlineData("a.b_c-D9")]
    [InlineData("...")]
    [InlineData("__consumer_offsets")]
    public void Letters_digits_dots_underscores_and_dashes_make_a_name(string name) => Assert.Null(TopicName.Problem(name));

    [Theory]
    [InlineData("", "Topic name is invalid: the empty string is not allowed")]
    [InlineData(".", "Topic name is invalid: '.' is not allowed")]
    [InlineData("..", "Topic name is invalid: '..' is not allowed")]
    [InlineData("a b", "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'")]
    [InlineData("a/b", "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'")]
    [InlineData("ü", "Topic name is invalid: 'ü' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'")]
    public void Any_other_name_is_refused_in_Kafkas_words(string name, string problem) => Assert.Equal(problem, TopicName.Problem(name));

    [Fact]
    public void A_name_has_at_most_249_characters_so_that_its_folders_have_names_too()
    {
        Assert.Null(TopicName.Problem(new string('x', 249)));
        Assert.Contains("is longer than the max allowed length 249", TopicName.Problem(new string('x', 250)), StringComparison.Ordinal);
    }
}
