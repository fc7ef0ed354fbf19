namespace Carousel.Fulfillment;
