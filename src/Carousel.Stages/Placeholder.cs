namespace Carousel.Stages;
