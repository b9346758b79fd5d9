"""How well wire credits are found."""
