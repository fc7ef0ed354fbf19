namespace Carousel.PaymentSimulator;
