"""Pictures of the console for the README, and the script that makes them."""
