import {
  RemixiconComponentType,
  RiCheckboxCircleLine,
  RiCloseCircleLine,
  RiIndeterminateCircleLine,
  RiQuestionLine,
  RiShieldCheckLine,
} from '@remixicon/react';
import { Text } from '@backstage/ui';
import { Standing } from '../api/report';
import styles from './styles.module.css';

const LABELS: Record<Standing, [RemixiconComponentType, string]> = {
  pass: [RiCheckboxCircleLine, 'Met'],
  fail: [RiCloseCircleLine, 'Not met'],
  unknown: [RiQuestionLine, 'Unknown'],
  waived: [RiShieldCheckLine, 'Waived'],
  'not-applicable': [RiIndeterminateCircleLine, 'Not asked'],
};

/** A verdict, which colour alone does not tell. */
export const StandingLabel = ({ standing }: { standing: Standing }) => {
  const [Icon, label] = LABELS[standing];
  return (
    <span className={styles.standing}>
      <Icon size={18} className={styles[standing]} aria-hidden />
      <Text as="span" weight="bold">
        {label}
      </Text>
    </span>
  );
};
