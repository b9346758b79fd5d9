"""Commands about copies: who ran whose words, how much is wire, and which texts are one."""
