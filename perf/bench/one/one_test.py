"""The least test there is, in the words that pytest and unittest share."""

import unittest


class OneTest(unittest.TestCase):
    def test_one(self) -> None:
        self.assertEqual(1 + 1, 2)


if __name__ == "__main__":
    unittest.main()
