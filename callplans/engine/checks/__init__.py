"""What is wrong with a plan, in plain words, with the applet, the field and, where there is one, a quick fix."""

from callplans.engine.checks.problem import Capabilities, Fix, Grade, Problem, World

__all__ = ["Capabilities", "Fix", "Grade", "Problem", "World"]
