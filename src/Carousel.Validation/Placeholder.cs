namespace Carousel.Validation;
