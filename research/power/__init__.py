"""What chips draw: measured power, and the fit of the two coefficients that predict it."""
